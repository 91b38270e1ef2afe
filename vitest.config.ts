// Tests run as many files at once as the machine has cores, each file in a process of its own: a
// lab takes over the time of the whole process that it runs in.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    setupFiles: ["test/setup.ts"],
    // Commands, syntheses and drills share the cores with other files: what is slow is not wrong.
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
