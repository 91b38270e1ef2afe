// Watching a run live: its timeline as it grows, until it ends or waits for people. A Region that
// falls silent meanwhile is waited for; the run itself goes on without its watcher.
import {
  type DescribeExecutionOutput,
  describeRun,
  historyOf,
  nameOfArn,
} from "./aws/executions.ts";
import { AwsFault } from "./aws/faults.ts";
import { entryLine } from "./cli/draw-timeline.ts";
import { type Desk, Refused } from "./desk.ts";
import { takePicture } from "./picture.ts";
import { timelineOf } from "./timeline.ts";

const pollMilliseconds = 1_000;
/** An hour of polls: a run that nobody has to approve ends within one. */
const pollsMax = 3_600;
/** With 3 s for each call: about two minutes. */
const silencesMax = 30;

export interface Followed {
  readonly status: string;
  readonly output: string | undefined;
  readonly cause: string | undefined;
  readonly isWaiting: boolean;
}

export async function followRun(desk: Desk, executionArn: string): Promise<Followed> {
  let printed = 0;
  let silences = 0;
  for (let poll = 0; poll < pollsMax; poll += 1) {
    try {
      // First the status: what happened until it was read is then in the history.
      const run = await describeRun(desk.clients, executionArn);
      printed = await print(desk, executionArn, printed);
      silences = 0;
      if (run.status !== "RUNNING") return followed(run, false);
      if (await waits(desk, executionArn)) return followed(run, true);
    } catch (error) {
      if (!(error instanceof AwsFault) || error.kind !== "unreachable") throw error;
      silences += 1;
      if (silences === 1) desk.screen.note(`${error.message}; the run may go on. Asking again …`);
      if (silences >= silencesMax) break;
    }
    await desk.sleep(pollMilliseconds);
  }
  throw new Refused(
    `What becomes of it is not known. Later: switchback show ${nameOfArn(executionArn)}`,
  );
}

const followed = (run: DescribeExecutionOutput, isWaiting: boolean): Followed => ({
  status: run.status ?? "UNKNOWN",
  ...{ output: run.output, cause: run.cause, isWaiting },
});

/** Answers how many events have been told. */
async function print(desk: Desk, executionArn: string, printed: number): Promise<number> {
  const events = await historyOf(desk.clients, executionArn);
  const start = events[0]?.timestamp?.getTime() ?? 0;
  for (const entry of timelineOf(events.slice(printed))) {
    // The end is the command's result, and said as such.
    if (entry.kind !== "end") desk.screen.note(entryLine(entry, start, desk.screen.paint));
  }
  return events.length;
}

async function waits(desk: Desk, executionArn: string): Promise<boolean> {
  const { approvals } = await takePicture(desk);
  return approvals.some((question) => question.executionArn === executionArn);
}
