import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scenarioFolder } from "../../../lab/scenarios/load.ts";
import { command } from "../command.ts";

// A process a test, on a busy machine.
describe("the schema files", { timeout: 60_000 }, () => {
  test.each(["lab/scenarios/write-schema.ts", "core/config/write-schema.ts"])(
    "that %s writes are up to date",
    async (script) => {
      expect(await command(script, "--check")).toEqual({ status: 0, stdout: "", stderr: "" });
    },
  );

  test("demand of a scenario what has no default, and refuse unknown keys", () => {
    const text = readFileSync(join(scenarioFolder, "scenario.schema.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      type: "object",
      required: ["name", "description", "until"],
      additionalProperties: false,
    });
  });
});
