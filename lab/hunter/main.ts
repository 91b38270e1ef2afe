// The process of a worker: one lab after the other, as ordered. A lab takes over a whole process's
// time, and gives it back; what stays is compiled code, which is what makes the next run cheap.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../deploy/project-root.ts";
import { runDrill } from "../run-drill.ts";
import { checkScenario } from "../scenarios/load.ts";
import { judge, restSeconds } from "./judge.ts";
import { type Order, orderSchema, type Report } from "./orders.ts";

const baseConfig: unknown = JSON.parse(
  readFileSync(join(projectRoot, "switchback.config.json"), "utf8"),
);

async function carryOut({ scenario, seed, patient, folder }: Order): Promise<Report> {
  const loaded = checkScenario(scenario, `disaster ${seed}`, baseConfig);
  const settings = { seed, folder, progress: { say: () => {} } };
  const run = await runDrill(loaded, patient ? settings : { ...settings, restSeconds });
  const { logSha256, wallMilliseconds } = run.result;
  return { ...judge(run), logSha256, wallMilliseconds };
}

process.on("disconnect", () => process.exit(1));
process.on("message", async (message) => {
  try {
    process.send?.(await carryOut(orderSchema.parse(message)));
  } catch (error) {
    // The process may be in any state: whoever ordered this starts another one.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
});
