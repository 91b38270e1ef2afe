// Generates scenario.schema.json from the zod schema, so that editors complete scenarios; with
// --check, says whether the file is up to date (exit status 1 when it is not).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { scenarioFolder } from "./load.ts";
import { scenarioSchema } from "./schema.ts";

const file = join(scenarioFolder, "scenario.schema.json");
const schema = z.toJSONSchema(scenarioSchema, { io: "input", unrepresentable: "any" });
const text = `${JSON.stringify(schema, null, 2)}\n`;

if (process.argv.includes("--check")) {
  let found = "";
  try {
    found = readFileSync(file, "utf8");
  } catch {
    // A missing file is an outdated one.
  }
  if (found !== text) {
    process.stderr.write(`${file} is out of date; run npm run schemas\n`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
