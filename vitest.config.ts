// Tests run as many files at once as the machine has cores. What is pure, or brings its own fakes,
// shares processes. A lab takes over the time of the whole process that it runs in, and an SDK
// client keeps what it first read of the environment: each of these files has a process of its own.
import { defineConfig } from "vitest/config";

const pure = [
  "test/core/**/*.test.ts",
  "test/functions/**/*.test.ts",
  "test/workflows/**/*.test.ts",
];
const withClients = "test/functions/adapters/**";

export default defineConfig({
  test: {
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
