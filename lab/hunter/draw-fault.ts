// One fault of each kind, drawn. Which kinds a run knows, and how likely each is, is drawn for the
// whole run first: a run with every fault at once finds less than many that are each lopsided.
import type { z } from "zod";
import type { faultSchema } from "../scenarios/fault-schema.ts";
import type { Dice } from "./dice.ts";

export type FaultFile = z.input<typeof faultSchema>;
export type FaultKind = FaultFile["kind"];
type Role = "primary" | "secondary" | "witness";

const roles: readonly (readonly [Role, number])[] = [
  ["primary", 5],
  ["secondary", 4],
  ["witness", 2],
];
const serving: readonly (readonly [Role, number])[] = [
  ["primary", 3],
  ["secondary", 2],
];
const services = [
  ["dynamodb", 6],
  ["lambda", 4],
  ["states", 4],
  ["apigateway", 2],
  ["events", 2],
  ["cloudwatch", 3],
  ["synthetics", 1],
  ["sns", 1],
  ["sqs", 1],
  ["ssm", 1],
  ["scheduler", 1],
] as const;
const modes = ["unreachable", "error", "throttle", "slow", "no-dns"] as const;

/** How hard it hits: all of the work, most, some, a little. */
const shareOf = (dice: Dice) => dice.pick([1, 1, 0.8, 0.5, 0.2]);

function hindrance(dice: Dice) {
  const mode = dice.weighted(modes.map((one) => [one, one === "slow" ? 3 : 2] as const));
  const share = shareOf(dice);
  return mode === "slow" ? { mode, share, seconds: dice.whole(1, 25) } : { mode, share };
}

type Draw = (dice: Dice) => FaultFile;

const draws: { readonly [kind in FaultKind]: Draw } = {
  "region-down": (dice) => ({ kind: "region-down", region: dice.weighted(roles) }),
  endpoint: (dice) => {
    const path = dice.pick(["all", "/orders", "/health"]);
    const mode = dice.pick(["error", "slow", "wrong-body"] as const);
    return {
      kind: "endpoint",
      region: dice.weighted(serving),
      mode,
      share: shareOf(dice),
      ...(mode === "slow" ? { seconds: dice.whole(1, 25) } : {}),
      ...(path === "all" ? {} : { path }),
    };
  },
  partition: (dice) => {
    const between = dice.pick<[Role, Role]>([
      ["primary", "secondary"],
      ["secondary", "primary"],
      ["primary", "witness"],
      ["witness", "primary"],
      ["secondary", "witness"],
      ["witness", "secondary"],
    ]);
    return { kind: "partition", between, oneWay: dice.chance(0.3) };
  },
  "canary-silent": (dice) => ({ kind: "canary-silent", region: dice.weighted(roles) }),
  service: (dice) => ({
    kind: "service",
    region: dice.weighted(roles),
    service: dice.weighted(services),
    ...hindrance(dice),
  }),
  "route53-control-plane": (dice) => ({ kind: "route53-control-plane", ...hindrance(dice) }),
  "health-api": (dice) =>
    dice.chance(0.3)
      ? { kind: "health-api", mode: "no-support-plan" }
      : { kind: "health-api", ...hindrance(dice) },
  "delete-stage": (dice) => ({ kind: "delete-stage", region: dice.weighted(serving) }),
  "delete-base-path-mapping": (dice) => ({
    kind: "delete-base-path-mapping",
    region: dice.weighted(serving),
  }),
  "event-delay": (dice) => ({
    kind: "event-delay",
    region: dice.weighted(roles),
    seconds: dice.whole(5, 240),
    duplicates: dice.whole(0, 3),
  }),
  replication: (dice) => {
    const [from, to] = dice.pick<[Role, Role]>([
      ["primary", "secondary"],
      ["primary", "secondary"],
      ["secondary", "primary"],
    ]);
    return dice.chance(0.5)
      ? { kind: "replication", from, to, mode: "paused" }
      : { kind: "replication", from, to, mode: "slow", seconds: dice.whole(2, 60) };
  },
  "clock-skew": (dice) => ({
    kind: "clock-skew",
    region: dice.weighted(roles),
    seconds: dice.whole(1, 90) * dice.pick([1, -1]),
  }),
};

const usual: { readonly [kind in FaultKind]: number } = {
  "region-down": 2,
  endpoint: 2,
  partition: 2,
  "canary-silent": 1,
  service: 5,
  "route53-control-plane": 2,
  "health-api": 0.5,
  "delete-stage": 0.5,
  "delete-base-path-mapping": 0.5,
  "event-delay": 1,
  replication: 2,
  "clock-skew": 1.5,
};

export const drawFault = (kind: FaultKind, dice: Dice): FaultFile => draws[kind](dice);

/** Weights of this run's faults: about half of the kinds, each more or less than usual. */
export function drawLikelihoods(dice: Dice): (readonly [FaultKind, number])[] {
  const kinds = (Object.keys(usual) as FaultKind[]).map(
    (kind) => [kind, dice.chance(0.55) ? usual[kind] * (0.2 + dice.share()) : 0] as const,
  );
  return kinds.some(([, weight]) => weight > 0) ? kinds : [["service", 1]];
}
