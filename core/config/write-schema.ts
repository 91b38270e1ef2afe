// Writes core/config/config.schema.json; with --check only says whether it is up to date (exit
// status 1 if not). A command, not part of the pure core: nothing imports it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { configJsonSchema } from "./json-schema.ts";

const file = new URL("./config.schema.json", import.meta.url);

function main(options: readonly string[]): number {
  const unknown = options.filter((option) => option !== "--check");
  if (unknown.length > 0) {
    console.error(`Unknown option ${unknown.join(" ")}. Usage: write-schema.ts [--check]`);
    return 2;
  }
  const text = configJsonSchema();
  if (!options.includes("--check")) {
    writeFileSync(file, text);
    return 0;
  }
  if (existsSync(file) && readFileSync(file, "utf8") === text) return 0;
  console.error("core/config/config.schema.json is out of date: run npm run schemas");
  return 1;
}

process.exitCode = main(process.argv.slice(2));
