// The process of a worker: one drill after the other, as ordered.
import { drillWithBaseline, isDisturbed } from "../baseline/beside.ts";
import { runDrill } from "../run-drill.ts";
import { loadScenario, ScenarioRefused } from "../scenarios/load.ts";
import { type Order, orderSchema, type Report } from "./orders.ts";

const progress = { start: () => {}, say: () => {} };

async function carryOut({ baseline, ...order }: Order): Promise<Report> {
  const loaded = loadScenario(order.file, order.configFile);
  const drill = () => runDrill(loaded, { seed: order.seed, folder: order.folder, progress });
  // Every core has a drill to run: a baseline comes after, and only where it is needed.
  const run =
    baseline && isDisturbed(loaded.scenario)
      ? await drillWithBaseline(order, drill, { late: true, progress })
      : await drill();
  return { kind: "result", result: run.result };
}

process.on("disconnect", () => process.exit(1));
process.on("message", async (message) => {
  try {
    process.send?.(await carryOut(orderSchema.parse(message)));
  } catch (error) {
    if (error instanceof ScenarioRefused) {
      process.send?.({ kind: "broken", why: error.message, refused: true } satisfies Report);
      return;
    }
    // The process may be in any state: whoever ordered this starts another one.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
});
