// A plan as data: the steps from any state that an interrupted run may have left to the end of the
// switch, so that whoever takes over can see, and a test can prove, that what remains is a suffix.
// Fence and drain leave no trace in the routing state: until promotion they are done again.
import type { Config, Region } from "./config/schema.ts";
import type { LeverPair, LeverPosition, Plan, RoutingState } from "./contracts/routing-state.ts";
import { leversFor, releasedFirst } from "./desired-levers.ts";
import { isPromoted, isRestoring, sameRegions, servingNow } from "./plan.ts";
import { movesWriter } from "./writer.ts";

export type Lever = keyof LeverPair;
export type Transition =
  | { readonly kind: "claim"; readonly plan: Plan }
  | { readonly kind: "undo"; readonly plan: Plan }
  | { readonly kind: "fence"; readonly source: Region }
  | { readonly kind: "drain"; readonly source: Region; readonly target: Region }
  | { readonly kind: "promote"; readonly target: Region }
  | {
      readonly kind: "lever";
      readonly region: Region;
      readonly lever: Lever;
      readonly position: LeverPosition;
    }
  | { readonly kind: "record" };

/** "pulled", "released", or "unknown": which is as good as wrong. */
export type Actual = Readonly<Record<Region, Readonly<Record<Lever, string>>>>;

/** What remains of `plan`. `actual`: lever positions as read back. Nothing, once it is done. */
export function transitions(
  config: Config,
  plan: Plan,
  state: RoutingState,
  actual: Actual,
): Transition[] {
  if (state.phase === "steady") {
    if (sameRegions(servingNow(config, state), plan.after)) return [];
    return [{ kind: "claim", plan }, ...moves(config, plan, false, actual), { kind: "record" }];
  }
  return [...moves(config, plan, state.writer === plan.target, actual), { kind: "record" }];
}

/** The way back from an interrupted switch: the same steps with source and target swapped, after
 * a claim of its own. Before promotion nothing has to be fenced or drained the other way. */
export function undoing(
  config: Config,
  plan: Plan,
  state: RoutingState,
  actual: Actual,
): Transition[] {
  if (state.phase === "steady" && sameRegions(servingNow(config, state), plan.before)) return [];
  const begun = isRestoring(config, state);
  const claim: Transition[] = begun ? [] : [{ kind: "undo", plan }];
  const levers = leverMoves(config, plan.before, actual);
  if (!movesWriter(config, plan)) return [...claim, ...levers, { kind: "record" }];
  const target: Transition = { kind: "promote", target: plan.source };
  const settled = begun && state.writer === plan.source;
  const back: Transition[] = isPromoted(config, state)
    ? [{ kind: "fence", source: plan.target }, drain(plan.target, plan.source)]
    : [];
  return [...claim, ...levers, ...(settled ? [] : [...back, target]), { kind: "record" }];
}

function moves(config: Config, plan: Plan, promoted: boolean, actual: Actual): Transition[] {
  const { source, target, mode } = plan;
  const levers = leverMoves(config, plan.after, actual);
  if (promoted || !movesWriter(config, plan)) return levers;
  const fence: Transition = { kind: "fence", source };
  const promote: Transition = { kind: "promote", target };
  // Planned: in this order. Unplanned: the levers move beside the fence, and there is no drain.
  return mode === "planned"
    ? [fence, drain(source, target), promote, ...levers]
    : [...levers, fence, promote];
}

const drain = (source: Region, target: Region): Transition => ({ kind: "drain", source, target });

/** Released before pulled: never are both Regions out. */
function leverMoves(config: Config, serving: readonly Region[], actual: Actual): Transition[] {
  return releasedFirst(leversFor(config, serving)).flatMap(([region, desired]) =>
    (["switch", "drain"] as const)
      .filter((lever) => actual[region]?.[lever] !== desired[lever])
      .map((lever) => ({ kind: "lever", region, lever, position: desired[lever] }) as const),
  );
}

/** What a dry run shows: the steps in one sentence. */
export function stepsInWords(steps: readonly Transition[]): string {
  return `Steps: ${steps.map(inWords).join(", ")}.`;
}

function inWords(step: Transition): string {
  switch (step.kind) {
    case "claim":
      return "claim the next epoch";
    case "undo":
      return "claim the next epoch to undo";
    case "fence":
      return `fence ${step.source}`;
    case "drain":
      return `drain ${step.source} to ${step.target}`;
    case "promote":
      return `promote ${step.target}`;
    case "lever":
      return `${step.position === "pulled" ? "pull" : "release"} ${step.lever}-${step.region}`;
    case "record":
      return "record";
  }
}
