// What the steps of a scenario mean, checked even where their shape is wrong elsewhere, so that one
// look at the messages is enough: hence a lenient reading, in which a wrong part is just absent.
import { z } from "zod";
import type { Region } from "../../core/config/schema.ts";
import { actionKeys, placePattern, timeToken } from "./schema.ts";

const ofFunction = z
  .looseObject({
    function: z.string().optional().catch(undefined),
    region: z.string().optional().catch(undefined),
  })
  .optional()
  .catch(undefined);
const lenient = z.looseObject({
  timeline: z
    .array(
      z.looseObject({
        id: z.string().optional().catch(undefined),
        set: ofFunction,
        crash: ofFunction,
        heal: z
          .union([z.string(), z.array(z.string())])
          .optional()
          .catch(undefined),
        fault: z
          .looseObject({
            region: z.string().optional().catch(undefined),
            between: z.array(z.string()).optional().catch(undefined),
            from: z.string().optional().catch(undefined),
            to: z.string().optional().catch(undefined),
          })
          .optional()
          .catch(undefined),
        operator: z
          .looseObject({ region: z.string().optional().catch(undefined) })
          .optional()
          .catch(undefined),
      }),
    )
    .catch([]),
  expect: z.looseObject({ activeRegion: z.string().optional().catch(undefined) }).catch({}),
});

type Timeline = z.infer<typeof lenient>["timeline"];

/** What steps may name; null where it is not known. */
export interface Named {
  readonly known: readonly Region[] | null;
  readonly functions: readonly string[] | null;
}

/** Says what is wrong with a name, under its path. */
interface Demands {
  readonly regionOf: (name: string) => Region;
  readonly region: (path: string, name: string) => string[];
  readonly serving: (path: string, name: string) => string[];
}

export function meaningFaults(
  raw: unknown,
  regionOf: (name: string) => Region,
  { known, functions }: Named,
): string[] {
  const read = lenient.safeParse(raw);
  if (!read.success) return [];
  const { timeline, expect } = read.data;
  const demand = demandsOf(regionOf, known);
  const { activeRegion } = expect;
  return [
    ...timeline.flatMap(({ operator }, index) =>
      operator?.region === undefined
        ? []
        : demand.serving(`$.timeline[${index}].operator.region`, operator.region),
    ),
    ...timeline.flatMap(({ fault }, index) => faultFaults(fault, `$.timeline[${index}]`, demand)),
    ...timeline.flatMap((step, index) => functionFaults(step, index, demand.region, functions)),
    ...idFaults(timeline),
    ...rawSteps(raw).flatMap(actionFaults),
    ...rawSteps(raw).flatMap(({ healthEvent }, index) =>
      healthEventFaults(healthEvent, `$.timeline[${index}].healthEvent`),
    ),
    ...(activeRegion === undefined ? [] : demand.region("$.expect.activeRegion", activeRegion)),
  ];
}

function demandsOf(regionOf: (name: string) => Region, known: Named["known"]): Demands {
  const region = (path: string, name: string) =>
    known === null || known.includes(regionOf(name))
      ? []
      : [`${path}: "${name}" is no role and none of the Regions ${known.join(", ")}`];
  const serving = (path: string, name: string) => [
    ...region(path, name),
    ...(known !== null && regionOf(name) === regionOf("witness")
      ? [`${path}: "${name}" is the witness, which serves no traffic`]
      : []),
  ];
  return { regionOf, region, serving };
}

function faultFaults(
  fault: Timeline[number]["fault"],
  path: string,
  { regionOf, region, serving }: Demands,
): string[] {
  if (!fault) return [];
  const { between = [], from, to } = fault;
  const [one, other] = between.map(regionOf);
  return [
    ...(fault.region === undefined ? [] : region(`${path}.fault.region`, fault.region)),
    ...between.flatMap((name, side) => region(`${path}.fault.between[${side}]`, name)),
    ...(one !== undefined && one === other
      ? [`${path}.fault.between: is ${one} twice; a partition needs two Regions`]
      : []),
    ...(from === undefined ? [] : serving(`${path}.fault.from`, from)),
    ...(to === undefined ? [] : serving(`${path}.fault.to`, to)),
    ...(from !== undefined && to !== undefined && regionOf(from) === regionOf(to)
      ? [`${path}.fault: ${regionOf(from)} does not replicate to itself`]
      : []),
  ];
}

function functionFaults(
  step: Timeline[number],
  index: number,
  demandRegion: Demands["region"],
  functions: Named["functions"],
): string[] {
  return (["set", "crash"] as const).flatMap((key) => {
    const { function: name, region } = step[key] ?? {};
    const path = `$.timeline[${index}].${key}`;
    const isThere = name === undefined || (functions?.includes(name) ?? true);
    return [
      ...(region === undefined ? [] : demandRegion(`${path}.region`, region)),
      ...(isThere
        ? []
        : [`${path}.function: there is no "${name}"; there are: ${functions?.join(", ")}`]),
    ];
  });
}

function idFaults(timeline: Timeline): string[] {
  const faults: string[] = [];
  const ids = new Set<string>();
  timeline.forEach(({ id, fault }, index) => {
    if (!fault || id === undefined) return;
    const path = `$.timeline[${index}].id`;
    if (id === "all") faults.push(`${path}: "all" is reserved`);
    else if (ids.has(id)) faults.push(`${path}: "${id}" is used twice`);
    ids.add(id);
  });
  timeline.forEach(({ heal }, index) => {
    for (const id of [heal ?? []].flat()) {
      if (id === "all" || ids.has(id)) continue;
      faults.push(`$.timeline[${index}].heal: no fault has the id "${id}"`);
    }
  });
  return faults;
}

const shallow = z.looseObject({ timeline: z.array(z.looseObject({})).catch([]) });
const rawSteps = (raw: unknown) => shallow.safeParse(raw).data?.timeline ?? [];

function actionFaults(step: { readonly [key: string]: unknown }, index: number): string[] {
  const present = actionKeys.filter((key) => step[key] !== undefined);
  if (present.length === 1) return [];
  const what =
    present.length === 0
      ? `has no action; exactly one of ${actionKeys.join(", ")} is needed`
      : `has ${present.length} actions (${present.join(", ")}); exactly one is allowed`;
  return [`$.timeline[${index}]: ${what}`];
}

/** An event may name any Region, one of the scenario's or not, and holds no other `$at`. */
export function healthEventFaults(event: unknown, path: string): string[] {
  const { region } = z.looseObject({ region: z.string() }).safeParse(event).data ?? {};
  return [
    ...(region === undefined || placePattern.test(region)
      ? []
      : [`${path}.region: "${region}" is neither a role nor like a Region's code`]),
    ...timeTokenFaults(event, path),
  ];
}

function timeTokenFaults(value: unknown, path: string): string[] {
  if (value === null || typeof value !== "object") return [];
  if ("$at" in value) {
    if (timeToken.safeParse(value).success) return [];
    return [`${path}: a time is {"$at": "iso"} or {"$at": "rfc1123"}, and nothing beside it`];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    timeTokenFaults(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`),
  );
}
