// failover and failback: a dry run first, whose decision is the machine's own and therefore the
// truth; then a question; then the execution, under the operator's identity, followed to its end.
// With --yes the dry run is left out: the real run gathers and decides just the same, and sooner.
import type { Region } from "../core/config/schema.ts";
import type { Direction } from "../core/contracts/routing-state.ts";
import { type RunOutcome, runOutcomeSchema, type SwitchRequest } from "../core/contracts/steps.ts";
import { isOut } from "../core/invariants.ts";
import { groupOf, peerOf, servingRegions } from "../core/names.ts";
import { agreed } from "./answer.ts";
import { nameOfArn, startSwitch } from "./aws/executions.ts";
import { AwsFault } from "./aws/faults.ts";
import { type Identity, whoAmI } from "./aws/identity.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "./desk.ts";
import { followRun } from "./follow.ts";
import { takePicture } from "./picture.ts";
import { parsed } from "./timeline.ts";

export interface SwitchOptions {
  readonly direction: Direction;
  readonly mode?: string | undefined;
  readonly region?: Region | undefined;
  readonly dryRun?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** A switch as it would be started: what is asked for, by whom, and whose machine runs it. */
export interface PreparedSwitch {
  readonly me: Identity;
  readonly region: Region;
  readonly request: SwitchRequest;
}

export async function startAndFollow(desk: Desk, options: SwitchOptions): Promise<ExitCode> {
  const prepared = await prepareSwitch(desk, options);
  const { mode, direction } = prepared.request;
  const report = (ending: Ending) => told(desk, options, ending);
  if (options.dryRun) return report(await run(desk, prepared, true));
  if (!options.yes) {
    if (!desk.screen.isInteractive) await agreed(desk, options, "");
    const preview = await run(desk, prepared, true);
    if (preview.outcome?.outcome !== "dry-run") return report(preview);
    if (!(await agreed(desk, options, `Start the ${mode} ${direction}`))) {
      throw new Refused("Nothing was started.");
    }
  }
  return report(await run(desk, prepared, false));
}

/** Changes nothing yet. Throws WrongCall, AwsFault. */
export async function prepareSwitch(desk: Desk, options: SwitchOptions): Promise<PreparedSwitch> {
  const mode = checkedMode(desk, options);
  const me = await whoAmI(desk.clients, desk.config);
  const { direction, region, reason } = options;
  const request: SwitchRequest = {
    ...{ direction, mode, requestedBy: me.arn },
    ...(region === undefined ? {} : { region }),
    ...(reason === undefined ? {} : { reason }),
  };
  return { me, region: await actingRegion(desk, options), request };
}

/** Answers the execution's ARN; the run goes on by itself. Throws Refused, AwsFault. */
export async function beginSwitch(
  { config, clients, newId }: Desk,
  { me: { account }, region, request }: PreparedSwitch,
  dryRun: boolean,
): Promise<string> {
  const name = `${groupOf(config)}-operator-${newId()}`;
  const input = dryRun ? { ...request, dryRun } : request;
  return await startSwitch(clients, config, { region, account, name }, input).catch(
    (fault: unknown) => {
      throw notStarted(fault, name);
    },
  );
}

function checkedMode({ config }: Desk, options: SwitchOptions): "planned" | "forced" {
  const { mode = "planned", region } = options;
  if (mode !== "planned" && mode !== "forced") {
    throw new WrongCall(`--mode is planned or forced, not ${mode}.`);
  }
  if (region === undefined) return mode;
  const serving = servingRegions(config);
  if (!serving.includes(region)) {
    throw new WrongCall(`--region is ${serving.join(" or ")}, not ${region}.`);
  }
  if (config.topology === "active-active") return mode;
  throw new WrongCall("--region is for active-active: here a failover leaves the primary.");
}

/** Whose machine runs it: the Region that takes over, or comes back. It must answer; its peer need
 * not. */
async function actingRegion(desk: Desk, { direction, region }: SwitchOptions): Promise<Region> {
  const { config } = desk;
  const { primary } = config.regions;
  if (direction === "failover") return peerOf(config, region ?? primary);
  if (region !== undefined || config.topology === "active-passive") return region ?? primary;
  const { routing } = await takePicture(desk);
  return servingRegions(config).find((one) => isOut(routing?.levers[one])) ?? primary;
}

export interface Ending {
  readonly executionArn: string;
  /** null: it goes on, or said nothing. */
  readonly outcome: RunOutcome | null;
  readonly status: string;
  readonly isWaiting: boolean;
}

async function run(desk: Desk, prepared: PreparedSwitch, dryRun: boolean): Promise<Ending> {
  const { screen } = desk;
  const executionArn = await beginSwitch(desk, prepared, dryRun);
  screen.note(screen.paint.dim(`${dryRun ? "Dry run" : "Run"} ${executionArn}`));
  const { status, output, cause, isWaiting } = await followRun(desk, executionArn);
  const outcome = parsed(runOutcomeSchema, output) ?? parsed(runOutcomeSchema, cause);
  return { executionArn, outcome, status, isWaiting };
}

/** A silent Region may have started it all the same. */
function notStarted(fault: unknown, name: string): unknown {
  if (!(fault instanceof AwsFault)) return fault;
  if (fault.kind !== "unreachable") return fault;
  return new Refused(
    `${fault.message}, and its machine is the one that has to act. Whether it started is not ` +
      `known: look at status, and for ${name} in history, before you repeat.`,
    { cause: fault },
  );
}

function told(
  { screen }: Desk,
  { json, direction, mode }: SwitchOptions,
  ending: Ending,
): ExitCode {
  const { executionArn, outcome, isWaiting, status } = ending;
  const code = codeOf(ending);
  if (json) screen.out(JSON.stringify({ ...ending, exitStatus: code }));
  if (isWaiting) {
    screen.note(
      `It waits for approval: switchback approve. Then: switchback show ${nameOf(ending)}`,
    );
    return code;
  }
  if (!json) screen.out(outcome?.sentence ?? `The run ended as ${status}: ${executionArn}`);
  if (outcome?.outcome === "held") {
    screen.note(`Blocked by: ${outcome.blockedBy.join(", ")}.`);
    const couldForce = mode !== "forced" && !outcome.blockedBy.includes("already-active");
    if (couldForce)
      screen.note(`What forced mode would go past: ${direction} --mode forced --dry-run`);
  }
  return code;
}

const nameOf = ({ executionArn }: Ending) => nameOfArn(executionArn);

function codeOf({ outcome, isWaiting }: Ending): ExitCode {
  if (isWaiting) return exitCodes.waiting;
  const isDone = outcome?.outcome === "switched" || outcome?.outcome === "dry-run";
  return isDone ? exitCodes.done : exitCodes.refused;
}
