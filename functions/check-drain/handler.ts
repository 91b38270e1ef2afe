// One round of the drain: has everything that the departing Region acknowledged arrived?
import { drainSchema, stepInputs } from "../../core/contracts/steps.ts";
import { applicationTable } from "../adapters/application-table.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger } from "../adapters/ledger.ts";
import { defineHandler } from "../define-handler.ts";
import { replicaPorts } from "../replicas.ts";
import { sleep } from "../sleep.ts";
import { checkDrain } from "./check-drain.ts";

export const handler = defineHandler({
  name: "check-drain",
  input: stepInputs["check-drain"],
  output: drainSchema,
  run: (input, { env: { config, region } }) => {
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      ledger: ledger(config, region, now),
      application: (where: string) => applicationTable(config, where),
    };
    const of = (where: string) => controlTable(config, where);
    const replicas = replicaPorts(config, { region, of, sleep });
    return checkDrain({ ...ports, ...replicas, now, sleep }, config, input);
  },
});
