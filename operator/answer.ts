// Approving and rejecting. What is answered is exactly what was shown: the question is read again
// just before, and its hash and the epoch must be the same. It is marked first, so that of two
// people who answer at once only one does, then the waiting task is told, in its own Region.
import type { Region } from "../core/config/schema.ts";
import type { Approval } from "../core/contracts/records.ts";
import { isSecondPerson } from "../core/people.ts";
import { throughAny } from "./automation.ts";
import { askAll, mostTelling } from "./aws/asking.ts";
import { isMarked, type Mark, markApproval } from "./aws/control.ts";
import { answerTask, historyOf } from "./aws/executions.ts";
import { AwsFault } from "./aws/faults.ts";
import { type Identity, whoAmI } from "./aws/identity.ts";
import { type Desk, type ExitCode, exitCodes, Refused, WrongCall } from "./desk.ts";
import { answering, type Picture, routingOf, takePicture } from "./picture.ts";
import { questionHash, questionLines } from "./questions.ts";
import { type Entry, timelineOf } from "./timeline.ts";

export interface AnswerOptions {
  readonly approved: boolean;
  /** The question's id, or the beginning of its hash or id. */
  readonly id?: string | undefined;
  readonly reason?: string | undefined;
  /** For scripts: the hash that was shown to whoever agreed, or its beginning. */
  readonly hash?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Long enough that nobody's guess is taken for a hash. */
const hashLengthMin = 8;
const attemptsMax = 3;

export async function answerQuestion(desk: Desk, options: AnswerOptions): Promise<ExitCode> {
  const { config, clients, screen } = desk;
  if (options.hash !== undefined && options.hash.length < hashLengthMin) {
    throw new WrongCall(`--hash needs ${hashLengthMin} characters or more.`);
  }
  const [me, picture] = await Promise.all([whoAmI(clients, config), takePicture(desk)]);
  const shown = chosen(picture.approvals, options.id);
  refuseChanged(shown, picture, options.hash);
  if (options.approved) refuseOwn(desk, shown, me);
  await show(desk, shown, picture);
  const word = options.approved ? "approve" : "reject";
  if (!(await agreed(desk, options, word))) {
    screen.note("Nothing was answered.");
    return exitCodes.refused;
  }
  await sendAnswer(desk, shown, me, options);
  const said = { id: shown.id, approved: options.approved, by: me.arn, hash: questionHash(shown) };
  if (options.json) screen.out(JSON.stringify(said));
  else screen.out(`${options.approved ? "Approved" : "Rejected"} as ${me.arn}.`);
  return exitCodes.done;
}

function chosen(open: readonly Approval[], id: string | undefined): Approval {
  if (open.length === 0) throw new Refused("No approval is pending.");
  const ids = open.map((one) => `  ${one.id}`).join("\n");
  const meant =
    id === undefined ? open : open.filter((one) => one.id === id || one.id.startsWith(id));
  const [only] = meant;
  if (only === undefined) throw new Refused(`No pending approval is called ${id}:\n${ids}`);
  if (meant.length === 1) return only;
  throw new WrongCall(`More than one approval is pending; name one:\n${ids}`);
}

/** The machine would not count it either: this only says so sooner. */
function refuseOwn({ config }: Desk, { requestedBy }: Approval, { arn }: Identity): void {
  if (!config.approval.twoPerson || isSecondPerson(requestedBy ?? null, arn)) return;
  throw new Refused(
    `approval.twoPerson is set, and ${requestedBy} asked for this run. You are ${arn}, which is ` +
      "not known to be another person: a second person must approve it.",
  );
}

function refuseChanged(shown: Approval, picture: Picture, hash: string | undefined): void {
  if (hash !== undefined && !questionHash(shown).startsWith(hash)) {
    throw new Refused("The question is not the one of that --hash any more: look at it again.");
  }
  const { epoch } = routingOf(picture);
  if (epoch === shown.epoch) return;
  throw new Refused(
    `The question was asked at epoch ${shown.epoch}, and now it is ${epoch}: what it asked about ` +
      "has changed. It lapses by itself.",
  );
}

/** Evidence and plan come from the waiting run's own history: what was decided on, not what would
 * be seen now. Without it the question still says its reasons and its bound. */
async function show(desk: Desk, shown: Approval, { now }: Picture): Promise<void> {
  const { screen, config, clients } = desk;
  for (const line of questionLines(config, shown, now)) screen.note(line);
  const history = await historyOf(clients, shown.executionArn).catch((fault: unknown) => {
    const why = fault instanceof Error ? fault.message : String(fault);
    screen.note(`  seen    unknown: the run's history could not be read. ${why}`);
    return [];
  });
  const told = timelineOf(history);
  for (const sentence of lastOf(told, "seen")) screen.note(`  seen    ${sentence}`);
  for (const sentence of lastOf(told, "why")) screen.note(`  decided ${sentence}`);
}

/** The last block of that kind: a run may have decided more than once. */
function lastOf(told: readonly Entry[], kind: Entry["kind"]): string[] {
  const last = told.findLast((entry) => entry.kind === kind);
  return told
    .filter((entry) => entry.kind === kind && entry.at === last?.at)
    .map(({ sentence }) => sentence);
}

export async function agreed(
  { screen }: Desk,
  { yes }: { readonly yes?: boolean | undefined },
  question: string,
): Promise<boolean> {
  if (yes) return true;
  if (!screen.isInteractive) {
    throw new WrongCall("Nobody can be asked here: add --yes once you have seen what it is about.");
  }
  return await screen.confirm(`${question}?`);
}

/** Throws Refused where it is not the question any more that was shown. */
export async function sendAnswer(
  desk: Desk,
  shown: Approval,
  { arn: by }: Identity,
  { approved, reason, hash }: Pick<AnswerOptions, "approved" | "reason" | "hash">,
): Promise<void> {
  const picture = await takePicture(desk);
  const again = picture.approvals.find(({ id }) => id === shown.id);
  if (again === undefined) throw new Refused("It was answered, or has lapsed, meanwhile.");
  if (questionHash(again) !== questionHash(shown)) {
    throw new Refused("The question has changed since it was shown: look at it again.");
  }
  refuseChanged(again, picture, hash);
  const mark: Mark = { status: approved ? "approved" : "rejected", by, at: picture.now };
  // Where it was asked it surely is: with eventual coordination the other replica may lag behind.
  const regions = answering(picture).sort(
    (a, b) => Number(b === shown.region) - Number(a === shown.region),
  );
  const pending = { status: "pending", by: null } as const;
  if (!(await markThrough(desk, regions, shown, pending, mark))) {
    throw new Refused("It was answered, or has changed, meanwhile.");
  }
  try {
    await tell(desk, shown, {
      ...{ approved, by, waives: [...shown.blockedBy, ...shown.because] },
      ...(reason === undefined ? {} : { reason }),
    });
  } catch (error) {
    await reopen(desk, regions, shown, mark);
    throw error;
  }
}

/** A mark may have landed though its answer was lost: then it stands there. Throws AwsFault. */
async function markThrough(
  { clients, config }: Desk,
  regions: readonly Region[],
  shown: Approval,
  from: { readonly status: Approval["status"]; readonly by: string | null },
  to: Mark,
): Promise<boolean> {
  const faults: unknown[] = [];
  const isDone = await throughAny(regions, (region) =>
    markApproval(clients, config, region, shown, from, to),
  ).catch((fault: unknown) => {
    faults.push(fault);
    return false;
  });
  if (isDone) return true;
  const told = await askAll(regions, (region) => isMarked(clients, config, region, shown, to));
  if (told.some((one) => one.ok && one.value)) return true;
  if (faults.length > 0) throw faults[0];
  if (told.some(({ ok }) => ok)) return false;
  throw mostTelling(told.flatMap((one) => (one.ok ? [] : [one.fault])));
}

/** A repeated answer finds no waiting task: then the one whose reply was lost has arrived. */
async function tell(
  { clients }: Desk,
  { region, taskToken }: Approval,
  answer: Parameters<typeof answerTask>[2],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answerTask(clients, { region, taskToken }, answer);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      if (error.code === "TaskTimedOut") {
        if (attempt > 1) return;
        throw new Refused("The run does not wait for it any more.", { cause: error });
      }
      if (error.kind !== "unreachable" || attempt >= attemptsMax) throw error;
    }
  }
}

/** What was recorded but not told is a question again, so that it can still be answered. */
async function reopen(
  desk: Desk,
  regions: readonly Region[],
  shown: Approval,
  { status, by }: Mark,
): Promise<void> {
  const open: Mark = { status: "pending", by: null, at: null };
  const isOpen = await markThrough(desk, regions, shown, { status, by }, open).catch(() => false);
  desk.screen.note(
    isOpen
      ? "The run could not be told. The question is open again: repeat, while it has time."
      : "The run could not be told, and the question stands as answered: it lapses by itself.",
  );
}
