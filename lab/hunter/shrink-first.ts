// What `--shrink` does with a hunt's first failure, and says of it: not every one can be cut down,
// and a drill judges less than the hunter.
import type { ScenarioFile } from "./draw.ts";
import { type Finished, type HuntSettings, leftDifferentLogs } from "./hunt.ts";
import { isHuntersOwn } from "./judge.ts";
import { shrink } from "./shrink.ts";
import { disasterInWords } from "./words.ts";

const runsMax = 60;

export interface ShrinkFirstSettings extends Pick<HuntSettings, "crew" | "assemblyOf"> {
  readonly say: (text: string) => void;
  /** Answers in which file it is then. */
  readonly write: (name: string, scenario: ScenarioFile) => string;
}

export async function shrinkFirst(
  finished: readonly Finished[],
  { crew, assemblyOf, say, write }: ShrinkFirstSettings,
): Promise<void> {
  const first = finished.find(({ report }) => report.verdict === "fail");
  if (first === undefined) return say("Nothing failed: there is nothing to shrink.");
  const { disaster, report } = first;
  const { seed, patient } = disaster;
  if (leftDifferentLogs(report)) {
    return say(
      `Run ${seed} left different logs when it was made twice. Shrinking makes every run once ` +
        "and compares none: nothing is shrunk.",
    );
  }
  const folder = await assemblyOf(disaster);
  const { scenario, failures, runs } = await shrink(disaster.scenario, report.failures, {
    ...{ runsMax, say },
    run: (smaller) => crew.run({ scenario: smaller, seed, patient, folder }),
  });
  const file = write(`simulated-${seed}.json`, scenario);
  say(disasterInWords({ ...disaster, scenario }));
  say(`Smallest after ${runs} runs: npm run drill -- ${file} --seed ${seed} --no-baseline`);
  if (failures.every(isHuntersOwn)) {
    say("That plays it and may pass: whether customers are served at rest, only simulate judges.");
  }
}
