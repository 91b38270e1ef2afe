// Claims the right to change who serves: a switch, a take-over, or an undoing.
import { claimSchema, stepInputs } from "../../core/contracts/steps.ts";
import { controlTable } from "../adapters/control-table.ts";
import { divergences } from "../adapters/divergences.ts";
import { ledger } from "../adapters/ledger.ts";
import { defineHandler } from "../define-handler.ts";
import { replicaPorts } from "../replicas.ts";
import { sleep } from "../sleep.ts";
import { acknowledgeRead } from "./acknowledge-read.ts";
import { claimEpoch } from "./claim-epoch.ts";

export const handler = defineHandler({
  name: "claim-epoch",
  input: stepInputs["claim-epoch"],
  output: claimSchema,
  async run(input, { env: { config, region } }) {
    const now = () => Date.now();
    const ports = { control: controlTable(config, region), ledger: ledger(config, region, now) };
    const of = (where: string) => controlTable(config, where);
    const replicas = replicaPorts(config, { region, of, sleep });
    await acknowledgeRead(divergences(config, region), input, now());
    return claimEpoch({ ...ports, ...replicas, now }, config, input);
  },
});
