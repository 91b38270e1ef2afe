// Which switch a request means, in either topology: who is left, who takes over, who serves before
// and after. An automatic run only ever leaves a Region; an operator names the direction and, in
// active-active, may name the Region that is taken out or brought back.
import type { Config, Region } from "./config/schema.ts";
import type { Evidence } from "./contracts/evidence.ts";
import type { Direction, Plan, SwitchMode } from "./contracts/routing-state.ts";
import type { SwitchRequest } from "./contracts/steps.ts";
import { leverRegions, peerOf, servingRegions } from "./names.ts";
import { servingNow } from "./plan.ts";

/** What a plan starts from. `serving`: default: as the direction implies. */
interface From {
  readonly serving?: readonly Region[];
  /** The Region that a failover takes out or a failback brings back; default: the primary, or the
   * Region that is out. */
  readonly region?: Region | undefined;
}

export function planFor(
  config: Config,
  { routing, gatheredIn }: Pick<Evidence, "routing" | "gatheredIn">,
  request: SwitchRequest,
): Plan {
  const { mode, direction = directionFrom(config, routing.active) } = request;
  if (config.topology === "active-passive") return planOf(config, direction, mode);
  const serving = servingNow(config, routing);
  if (mode === "automatic") return leaving(config, peerOf(config, gatheredIn), serving);
  const region = unfitRegion(config, request) ? undefined : request.region;
  return planOf(config, direction, mode, { serving, region });
}

export function planOf(
  config: Config,
  direction: Direction,
  mode: SwitchMode,
  from: From = {},
): Plan {
  const target = targetOf(config, direction, from);
  const source = peerOf(config, target);
  const both = servingRegions(config);
  const shares = config.topology === "active-active";
  const before = shares && direction === "failover" ? both : [source];
  const after = shares && direction === "failback" ? both : [target];
  return { direction, mode, source, target, before: [...(from.serving ?? before)], after };
}

function targetOf(config: Config, direction: Direction, { serving, region }: From): Region {
  const [primary, secondary] = servingRegions(config);
  if (direction === "failover") return peerOf(config, region ?? primary);
  if (region !== undefined) return region;
  return serving?.includes(primary) && !serving.includes(secondary) ? secondary : primary;
}

/** Automatic, active-active: whatever `source` serves, its peer takes over alone. */
function leaving(config: Config, source: Region, serving: readonly Region[]): Plan {
  const target = peerOf(config, source);
  const alone = serving.length === 1 && serving.includes(source);
  const direction = alone ? "failback" : "failover";
  const mode = "automatic";
  return { direction, mode, source, target, before: [...serving], after: [target] };
}

/** A Region is named where none can be, or one that doesn't serve. */
export function unfitRegion(config: Config, { region, mode }: SwitchRequest): boolean {
  if (region === undefined) return false;
  const selectable = config.topology === "active-active" && mode !== "automatic";
  return !selectable || !servingRegions(config).includes(region);
}

/** The direction that leads away from `active`. */
export function directionFrom(config: Config, active: Region): Direction {
  return active === config.regions.primary ? "failover" : "failback";
}

/** The source serves no more after it; else the target only joins it. */
export function leavesSource({ source, after }: Plan): boolean {
  return !after.includes(source);
}

/** The target's levers are pulled before it and released by it. */
export function isReturn(config: Config, { target, before }: Plan): boolean {
  return leverRegions(config).includes(target) && !before.includes(target);
}

/** An operator forces the very switch whose run is gone: it is finished as a forced one. */
export function insistsOn(config: Config, request: SwitchRequest, abandoned: Plan): boolean {
  const { mode, direction, region } = request;
  if (mode !== "forced" || direction !== abandoned.direction) return false;
  if (unfitRegion(config, request)) return false;
  const serving = abandoned.before;
  return planOf(config, direction, mode, { serving, region }).target === abandoned.target;
}
