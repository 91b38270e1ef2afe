// Tests run as many files at once as the machine has cores. What is pure, or brings its own fakes,
// shares processes. A lab takes over the time of the whole process that it runs in, and an SDK
// client keeps what it first read of the environment: each of these files has a process of its own.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const pure = [
  "test/core/**/*.test.ts",
  "test/functions/**/*.test.ts",
  "test/workflows/**/*.test.ts",
];
const withClients = "test/functions/adapters/**";

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
    setupFiles: ["test/setup.ts"],
    // Commands, syntheses and drills share the cores with other files: what is slow is not wrong.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: { name: "shared", include: pure, exclude: [withClients], isolate: false },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/core/**",
            "test/workflows/**",
            "test/functions/!(adapters)/**",
            "test/functions/*.test.ts",
          ],
        },
      },
    ],
  },
});
