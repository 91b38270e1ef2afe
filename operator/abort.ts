// Asks a run to stop where that is safe, and says where it stands. Nothing is stopped from outside:
// a run that was stopped after its claim would leave nobody writing until its lease lapses. What is
// recorded is a wish for that one execution; the machine reads it where it can still turn back.
import type { Config, Region } from "../core/config/schema.ts";
import type { Approval } from "../core/contracts/records.ts";
import { type RunOutcome, runOutcomeSchema } from "../core/contracts/steps.ts";
import { servingRegions } from "../core/names.ts";
import { isPromoted, isRestoring } from "../core/plan.ts";
import { agreed, sendAnswer } from "./answer.ts";
import { throughAny } from "./automation.ts";
import { askAll, mostTelling } from "./aws/asking.ts";
import { recordAbort } from "./aws/control.ts";
import { describeRun, executionArn, listRuns, nameOfArn, regionOfArn } from "./aws/executions.ts";
import { AwsFault } from "./aws/faults.ts";
import { type Identity, whoAmI } from "./aws/identity.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "./desk.ts";
import { type Followed, followRun } from "./follow.ts";
import { answering, type Picture, takePicture } from "./picture.ts";
import { parsed } from "./timeline.ts";

export interface AbortOptions {
  /** An execution's name or ARN; absent: the only one that runs, or that holds the lease. */
  readonly execution?: string | undefined;
  readonly reason?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Questions that one run may have asked while the wish was recorded. */
const questionsMax = 4;

export async function abortRun(desk: Desk, options: AbortOptions): Promise<ExitCode> {
  const { me, wish } = await askToAbort(desk, options);
  const followed = await followToTheEnd(desk, me, wish);
  return told(desk, options, { execution: wish.execution, followed });
}

/** For who watches the run anyway: the wish, and a no to what it asks by then. Throws Refused. */
export async function beginAbort(desk: Desk, options: AbortOptions): Promise<void> {
  const { me, wish } = await askToAbort(desk, options);
  const { approvals } = await takePicture(desk);
  const question = approvals.find((one) => one.executionArn === wish.execution);
  if (question === undefined) return;
  const isClosed = await closeQuestion(desk, question, me, wish.reason);
  if (!isClosed) desk.screen.note(notYours);
}

async function askToAbort(desk: Desk, options: AbortOptions) {
  const { config, clients, screen } = desk;
  const [me, picture] = await Promise.all([whoAmI(clients, config), takePicture(desk)]);
  const execution = await chosenRun(desk, me, picture, options.execution);
  const stands = whereItStands(config, picture, execution);
  screen.note(`${execution}\n${stands.words}`);
  if (stands.isTooLate) throw new Refused("It is too late to abort it: it is left to finish.");
  if (!(await agreed(desk, options, "Abort it"))) throw new Refused("Nothing was changed.");
  const wish = { execution, by: me.arn, reason: options.reason ?? "", at: picture.now };
  const isFirst = await throughAny(answering(picture), (region) =>
    recordAbort(clients, config, region, wish),
  );
  screen.note(isFirst ? "Asked it to abort." : "Somebody has asked it to abort already.");
  return { me, wish };
}

async function chosenRun(
  desk: Desk,
  { account }: Identity,
  { routing }: Picture,
  wanted: string | undefined,
): Promise<string> {
  const { config, clients } = desk;
  const regions = servingRegions(config);
  const holder = routing?.lease?.executionArn;
  if (wanted !== undefined) return runNamed(desk, account, wanted, holder);
  const told = await askAll(regions, (region) =>
    listRuns(clients, config, { region, account }, { most: 10, running: true }),
  );
  const running = told.flatMap((one) =>
    one.ok ? one.value.map(({ executionArn: arn = "" }) => arn) : [],
  );
  const silent = told.flatMap((one) => (one.ok ? [] : [one]));
  if (holder !== undefined) {
    const isUnheard = silent.some(({ region }) => region === regionOfArn(holder));
    if (isUnheard || running.includes(holder)) return holder;
  }
  const names = running.map((arn) => `\n  ${arn}`).join("");
  if (silent.length > 0) throw new Refused(unsureWords(silent, names));
  const [only, ...others] = running;
  if (only === undefined) throw new Refused("No run is under way.");
  if (others.length === 0) return only;
  throw new WrongCall(`More than one run is under way; name one:${names}`);
}

/** The one that is known may not be the one that is meant. */
function unsureWords(silent: readonly { readonly fault: AwsFault }[], names: string): string {
  const faults = silent.map(({ fault }) => fault.message).join("; ");
  const known = names === "" ? "; none is known" : `, of those known:${names}`;
  return `${faults}: a run may be under way there. Name the one that is to stop${known}`;
}

/** `holder` of the lease is known to be one, though its Region be silent. */
async function runNamed(
  { config, clients }: Desk,
  account: string,
  wanted: string,
  holder: string | undefined,
): Promise<string> {
  const arnIn = (region: Region) =>
    wanted.startsWith("arn:") ? wanted : executionArn(config, region, account, wanted);
  const told = await askAll(servingRegions(config), (region) =>
    describeRun(clients, arnIn(region)),
  );
  for (const one of told) {
    if (!one.ok) continue;
    if (one.value.status === "RUNNING") return arnIn(one.region);
    throw new Refused(`${wanted} has ended as ${one.value.status}: nothing is left to abort.`);
  }
  const faults = told.flatMap((one) => (one.ok ? [] : [one.fault]));
  const isHolder = holder !== undefined && [holder, nameOfArn(holder)].includes(wanted);
  if (isHolder && faults.some(({ kind }) => kind === "unreachable")) return holder;
  if (faults.every(({ kind }) => kind === "missing")) {
    throw new Refused(`No run is called ${wanted}: switchback status lists those under way.`);
  }
  throw mostTelling(faults);
}

interface Stands {
  readonly words: string;
  readonly isTooLate: boolean;
}

/** From the routing state, which every step after the claim writes. */
function whereItStands(config: Config, { routing, approvals }: Picture, arn: string): Stands {
  const stands = (words: string, isTooLate = false) => ({ words, isTooLate });
  if (approvals.some((question) => question.executionArn === arn)) {
    return stands("It waits for approval and has changed nothing: its question will be closed.");
  }
  if (routing?.lease?.executionArn !== arn || routing.plan === null) {
    return stands("It has claimed nothing yet, and nothing is changed.");
  }
  const { plan, epoch } = routing;
  const what = `epoch ${epoch}, ${plan.mode} ${plan.direction} to ${plan.target}`;
  if (isRestoring(config, routing)) return stands(`It is being undone already (${what}).`, true);
  if (isPromoted(config, routing)) return stands(`${plan.target} writes already (${what}).`, true);
  return stands(`It has claimed ${what}; nobody is promoted yet: it will be undone.`);
}

/** A question that came up before the wish was there to be read is closed. */
async function followToTheEnd(
  desk: Desk,
  me: Identity,
  { execution, reason }: { readonly execution: string; readonly reason: string },
): Promise<Followed> {
  for (let asked = 0; asked < questionsMax; asked += 1) {
    const followed = await followRun(desk, execution);
    if (!followed.isWaiting) return followed;
    const { approvals } = await takePicture(desk);
    const question = approvals.find((one) => one.executionArn === execution);
    if (question === undefined) continue;
    if (!(await closeQuestion(desk, question, me, reason))) return followed;
  }
  throw new Refused(`It goes on asking. Later: switchback show ${nameOfArn(execution)}`);
}

/** False: who aborts may not answer. */
async function closeQuestion(desk: Desk, question: Approval, me: Identity, reason: string) {
  const why = reason === "" ? "aborted" : `aborted: ${reason}`;
  try {
    await sendAnswer(desk, question, me, { approved: false, reason: why });
  } catch (error) {
    if (isDenied(error)) return false;
    // Somebody else answered it: what came of that is looked at as well.
    if (!(error instanceof Refused)) throw error;
    desk.screen.note(error.message);
  }
  return true;
}

const notYours =
  "You may not answer its question, which stays open. Whatever is answered, the run will change " +
  "nothing; it ends when somebody answers (switchback reject) or the question lapses.";

/** Operators may abort, and answers are for approvers. */
const isDenied = (error: unknown) => error instanceof AwsFault && error.kind === "permission";

const abortedAs: readonly RunOutcome["outcome"][] = ["undone", "held", "not-approved", "dry-run"];

function told(
  { screen }: Desk,
  { json }: AbortOptions,
  { execution, followed }: { readonly execution: string; readonly followed: Followed },
): ExitCode {
  const { status, output, cause } = followed;
  const outcome = parsed(runOutcomeSchema, output) ?? parsed(runOutcomeSchema, cause);
  if (followed.isWaiting) {
    if (json)
      screen.out(JSON.stringify({ executionArn: execution, aborted: false, outcome, status }));
    screen.note(notYours);
    return exitCodes.waiting;
  }
  const isAborted = outcome !== null && abortedAs.includes(outcome.outcome);
  const exitStatus = isAborted ? exitCodes.done : exitCodes.refused;
  if (json) {
    const said = { executionArn: execution, aborted: isAborted, outcome, status, exitStatus };
    screen.out(JSON.stringify(said));
    return exitStatus;
  }
  const late = outcome?.outcome === "switched" ? "It was too late to abort it. " : "";
  screen.out(`${late}${outcome?.sentence ?? `The run ended as ${status}: ${execution}`}`);
  if (isAborted) {
    screen.note(
      "What stands against a Region may start another run: switchback pause prevents it.",
    );
  }
  return exitStatus;
}
