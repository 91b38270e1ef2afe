// The process of a baseline: told what to run as its one word, it sends what it noted to the drill
// that started it, and ends with that drill if it must.
import { loadScenario } from "../scenarios/load.ts";
import { orderSchema } from "./beside.ts";
import { runBaseline } from "./run-baseline.ts";

process.on("disconnect", () => process.exit(1));
const { file, configFile, ...settings } = orderSchema.parse(JSON.parse(process.argv[2] ?? "null"));
const record = await runBaseline(loadScenario(file, configFile), settings);
process.send?.(record, () => process.exit(0));
