// Decides from evidence, and writes the decision to the ledger before anything follows from it.
import { decisionSchema, stepInputs } from "../../core/contracts/steps.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger } from "../adapters/ledger.ts";
import { defineHandler } from "../define-handler.ts";
import { recordDecision } from "./record-decision.ts";

export const handler = defineHandler({
  name: "decide",
  input: stepInputs.decide,
  output: decisionSchema,
  run: (input, { env: { config, region }, log }) => {
    const now = () => Date.now();
    const ports = { control: controlTable(config, region), ledger: ledger(config, region, now) };
    return recordDecision({ ...ports, log, now }, config, input);
  },
});
