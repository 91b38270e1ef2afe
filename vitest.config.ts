// Tests run as many files at once as the machine has cores. A process costs more than most files
// do, so whoever leaves it as it was found shares it: what is pure, or brings its own fakes, the
// stacks, and the lab's own parts, which take over a process's time and give it back. Whole
// drills, commands and SDK clients, which keep what they first read of the environment, have one
// each.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const pure = ["core/**", "workflows/**", "functions/!(adapters)/**", "functions/*.test.ts"];
const parts = ["services", "checkers", "report", "clients", "dns", "scenarios", "faults"];
const labParts = parts.map((part) => `lab/${part}/**`);
const inTest = (places: readonly string[]) => places.map((place) => `test/${place}`);
const files = (places: readonly string[]) =>
  inTest(places).map((place) => place.replace(/\*\*$/, "**/*.test.ts"));
const together = (name: string, places: readonly string[]) => ({
  extends: true as const,
  test: { name, include: files(places), isolate: false },
});

/** Whole drills first: begun last, one of them would keep a single core busy at the end. */
class DrillsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const drills = ({ moduleId }: TestSpecification) => /test.(scenarios|samples)./.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(drills), ...sorted.filter((file) => !drills(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: DrillsFirst },
    pool: "forks",
    // By itself Vitest leaves a core to itself: half of a small machine.
    maxWorkers: "100%",
    setupFiles: ["test/setup.ts"],
    // Commands, syntheses and drills share the cores with other files: what is slow is not wrong.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    projects: [
      together("pure", pure),
      together("lab parts", labParts),
      together("operator", ["operator/**"]),
      together("app", ["app/**"]),
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: inTest([...pure, ...labParts, "operator/**", "app/**"]),
        },
      },
    ],
  },
});
