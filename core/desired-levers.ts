// Where the levers are to stand, and which of them are known to stand there: pure. A lever is one
// of the two Route 53 health checks that take a Region out of service on purpose.
import type { Config, Region } from "./config/schema.ts";
import type { LeverPair, LeverPosition, RoutingState } from "./contracts/routing-state.ts";
import { leverRegions } from "./names.ts";

/** Desired lever positions while `serving` serve: every other Region with levers is out. */
export function leversFor(config: Config, serving: readonly Region[]): Record<Region, LeverPair> {
  const position = (region: Region) => (serving.includes(region) ? "released" : "pulled");
  return Object.fromEntries(
    leverRegions(config).map((r) => [r, { switch: position(r), drain: position(r) }]),
  );
}

export function sameLevers(a: RoutingState["levers"], b: RoutingState["levers"]): boolean {
  const regions = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...regions].every((r) => a[r]?.switch === b[r]?.switch && a[r]?.drain === b[r]?.drain);
}

/** The levers of a Region that are known to stand as desired: setting them moves nothing. An
 * attempt to pull counts as pulled until a release was read back, so a recorded release holds even
 * while Route 53's API can't be read. */
export function standingLevers(
  desired: LeverPair,
  seen: Readonly<Record<keyof LeverPair, LeverPosition | "unknown">> | undefined,
  attempted: LeverPosition | undefined,
): (keyof LeverPair)[] {
  const read = seen?.switch ?? "unknown";
  const released = read === "unknown" && desired.switch === "released";
  const standing: (keyof LeverPair)[] = [];
  if (attempted === desired.switch && (read === desired.switch || released))
    standing.push("switch");
  if (seen?.drain === desired.drain) standing.push("drain");
  return standing;
}

/** In the order in which they may be set: a Region is brought in before its peer is taken out. */
export function releasedFirst(levers: Readonly<Record<Region, LeverPair>>): [Region, LeverPair][] {
  return Object.entries(levers).sort(
    ([, a], [, b]) => Number(a.switch === "pulled") - Number(b.switch === "pulled"),
  );
}

/** Recorded before the switch lever is touched: an attempt to pull counts as pulled until a
 * release was read back. */
export function switchAttempted(
  state: RoutingState,
  region: Region,
  position: LeverPosition,
): RoutingState {
  return { ...state, switchAttempted: { ...state.switchAttempted, [region]: position } };
}
