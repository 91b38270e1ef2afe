// pause, resume, arm, shadow: `automation` alone is changed, on the epoch that was read, with who
// and why. A run that has claimed already is not stopped by it.
import { heldBefore, replicasToSet } from "../core/automation.ts";
import type { Config, Region } from "../core/config/schema.ts";
import type { Automation } from "../core/contracts/routing-state.ts";
import { mostTelling } from "./aws/asking.ts";
import { changeAutomation } from "./aws/control.ts";
import { type AwsFault, awsFault } from "./aws/faults.ts";
import { whoAmI } from "./aws/identity.ts";
import { instant, spanOf } from "./cli/words.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "./desk.ts";
import { type Picture, routingOf, takePicture } from "./picture.ts";

export const automationCommands = ["pause", "resume", "arm", "shadow"] as const;
export type AutomationCommand = (typeof automationCommands)[number];

/** Resuming goes back to what is configured; where that is paused, it arms. */
export function automationAfter(command: AutomationCommand, config: Config): Automation {
  switch (command) {
    case "pause":
      return "paused";
    case "arm":
      return "armed";
    case "shadow":
      return "shadow";
    case "resume":
      return config.automation === "paused" ? "armed" : config.automation;
  }
}

export interface AutomationOptions {
  readonly reason?: string | undefined;
  /** Like 2h or 2026-01-15T14:00Z; then it is again as it was before. */
  readonly until?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Whoever wants it for longer means for good, and does not forget it then. */
const longestDays = 30;

/** "30m", "2h", "7d" from `now` on, or a time that says its zone. ms since 1970. */
export function untilOf(text: string, now: number): number {
  const span = spanOf(text);
  const hasZone = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = span === null ? (hasZone ? Date.parse(text) : Number.NaN) : now + span;
  if (Number.isNaN(at)) {
    throw new WrongCall(`--until is like 30m, 2h, 7d or 2026-01-15T14:00Z, not ${text}.`);
  }
  if (at <= now) throw new WrongCall(`--until ${text} is over: now it is ${instant(now)}.`);
  if (at - now <= longestDays * 86_400_000) return at;
  throw new WrongCall(
    `--until is at most ${longestDays} days away: leave it out to mean for good.`,
  );
}

const ends = ({
  until,
  afterwards,
}: {
  readonly until?: number;
  readonly afterwards?: Automation;
}) => (until === undefined ? "" : `, until ${instant(until)}, then ${afterwards}`);

export async function setAutomation(
  desk: Desk,
  command: AutomationCommand,
  options: AutomationOptions,
): Promise<ExitCode> {
  const { config, clients, screen } = desk;
  const [{ arn: by }, picture] = await Promise.all([whoAmI(clients, config), takePicture(desk)]);
  const routing = routingOf(picture);
  const { epoch, automation: before } = routing;
  const until = options.until === undefined ? null : untilOf(options.until, picture.now);
  const change = {
    automation: automationAfter(command, config),
    ...{ by, epoch, at: picture.now, reason: options.reason ?? "" },
    ...(until === null ? {} : { until, afterwards: heldBefore(routing) }),
  };
  const isDone = await throughAny(settable(config, picture), (region) =>
    changeAutomation(clients, config, region, change),
  );
  if (!isDone) throw new Refused("The epoch has changed meanwhile: look at status, then repeat.");
  if (options.json) screen.out(JSON.stringify({ before, ...change }));
  else screen.out(`automation: ${before} → ${change.automation}${ends(change)}, by ${by}`);
  if (change.automation === "armed" || options.json) return exitCodes.done;
  screen.note("Route 53 goes on answering by itself; operators' switches are not stopped by this.");
  return exitCodes.done;
}

function settable(config: Config, { told }: Picture): Region[] {
  const epochs = Object.fromEntries(
    told.map((one) => [one.region, one.ok ? (one.value.routing?.epoch ?? null) : null]),
  );
  const regions = replicasToSet(config, epochs);
  if (regions.length > 0) return regions;
  const missing = Object.keys(epochs).filter((region) => epochs[region] === null);
  throw new Refused(
    `Nothing was changed: the control table in ${missing.join(" and ")} can't be read, and with ` +
      "eventual coordination a change made elsewhere could undo a switch that it knows of. " +
      "Repeat when it answers; `switchback abort` stops a run meanwhile.",
  );
}

/** A change is conditional, so that repeating it through the next Region does no harm. */
export async function throughAny<T>(
  regions: readonly string[],
  call: (region: string) => Promise<T>,
): Promise<T> {
  const faults: AwsFault[] = [];
  for (const region of regions) {
    try {
      return await call(region);
    } catch (error) {
      const fault = awsFault(error, region, 5);
      if (fault.kind !== "unreachable") throw fault;
      faults.push(fault);
    }
  }
  throw mostTelling(faults);
}
