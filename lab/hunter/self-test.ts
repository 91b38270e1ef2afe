// The hunter hunts bugs that are known to be there: each planted alone, on a copy of the sources,
// until a run fails that passes without the bug. A failure that the product shows too proves
// nothing about the hunter, and does not count.
import type { Disaster } from "./draw.ts";
import { assemblies, type Finished, hunt } from "./hunt.ts";
import type { Hunters } from "./hunters.ts";
import { type Garden, type Plant, plant } from "./plants.ts";
import { replayOf } from "./words.ts";

export interface Caught {
  readonly bug: string;
  /** Runs that it took; null: it escaped. */
  readonly afterRuns: number | null;
  readonly seed: number | null;
  /** How it showed; empty where it escaped. */
  readonly failures: readonly string[];
}

export interface SelfTestSettings {
  readonly crew: Pick<Hunters, "run">;
  readonly lanes: number;
  readonly baseConfig: unknown;
  /** Of the product as it is. */
  readonly assemblyOf: (disaster: Disaster) => Promise<string>;
  readonly say: (text: string) => void;
  /** Default: on a copy of the sources. */
  readonly grow?: (bug: Plant) => Pick<Garden, "synthesize" | "remove">;
  /** Told what to remove if the process has to end. */
  readonly onGarden: (remove: () => void) => void;
}

export async function catchPlanted(
  bug: Plant,
  disasters: readonly Disaster[],
  settings: SelfTestSettings,
): Promise<Caught> {
  const { crew, lanes, baseConfig, say, grow = plant } = settings;
  const garden = grow(bug);
  settings.onGarden(garden.remove);
  try {
    let ended = 0;
    let caught: Caught = { bug: bug.name, afterRuns: null, seed: null, failures: [] };
    await hunt(disasters, {
      ...{ crew, lanes, twice: 0 },
      assemblyOf: assemblies(baseConfig, garden.synthesize),
      // Runs that were under way when it was caught are none that it took.
      onEnd: () => {
        if (caught.afterRuns === null) ended += 1;
      },
      enough: async (finished) => {
        const { disaster, report } = finished;
        say(`${bug.name}: run ${disaster.seed}, ${report.verdict} (${ended})`);
        if (!(await provesIt(finished, settings)) || caught.afterRuns !== null) return false;
        const { failures } = report;
        caught = { bug: bug.name, afterRuns: ended, seed: disaster.seed, failures };
        return true;
      },
    });
    return caught;
  } finally {
    garden.remove();
  }
}

async function provesIt(
  { disaster, report }: Finished,
  { crew, assemblyOf, say }: SelfTestSettings,
): Promise<boolean> {
  if (report.verdict !== "fail") return false;
  const { seed, scenario, patient } = disaster;
  const without = await crew.run({ scenario, seed, patient, folder: await assemblyOf(disaster) });
  if (without.verdict === "pass") return true;
  say(`Run ${seed} is ${without.verdict} without the bug, too: ${replayOf(seed)}`);
  return false;
}
