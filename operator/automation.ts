// pause, resume, arm, shadow: `automation` alone is changed, on the epoch that was read, with who
// and why. A run that has claimed already is not stopped by it.
import type { Config } from "../core/config/schema.ts";
import type { Automation } from "../core/contracts/routing-state.ts";
import { mostTelling } from "./aws/asking.ts";
import { changeAutomation } from "./aws/control.ts";
import { type AwsFault, awsFault } from "./aws/faults.ts";
import { whoAmI } from "./aws/identity.ts";
import { type Desk, type ExitCode, exitCodes, Refused } from "./desk.ts";
import { answering, routingOf, takePicture } from "./picture.ts";

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

export async function setAutomation(
  desk: Desk,
  command: AutomationCommand,
  options: { readonly reason?: string | undefined; readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { config, clients, screen } = desk;
  const [{ arn: by }, picture] = await Promise.all([whoAmI(clients, config), takePicture(desk)]);
  const { epoch, automation: before } = routingOf(picture);
  const change = {
    automation: automationAfter(command, config),
    ...{ by, epoch, at: picture.now, reason: options.reason ?? "" },
  };
  const isDone = await throughAny(answering(picture), (region) =>
    changeAutomation(clients, config, region, change),
  );
  if (!isDone) throw new Refused("The epoch has changed meanwhile: look at status, then repeat.");
  if (options.json) screen.out(JSON.stringify({ before, ...change }));
  else screen.out(`automation: ${before} → ${change.automation}, by ${by}`);
  if (change.automation === "armed" || options.json) return exitCodes.done;
  screen.note("Route 53 goes on answering by itself; operators' switches are not stopped by this.");
  return exitCodes.done;
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
