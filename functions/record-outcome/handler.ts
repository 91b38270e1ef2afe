// Ends a run: the routing state becomes steady if it is this run's, and everybody is told.
import { runOutcomeSchema, stepInputs } from "../../core/contracts/steps.ts";
import { approvals } from "../adapters/approvals.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger } from "../adapters/ledger.ts";
import { notifications } from "../adapters/notifications.ts";
import { defineHandler } from "../define-handler.ts";
import { measureFor } from "../metrics.ts";
import { recordOutcome } from "./record-outcome.ts";

export const handler = defineHandler({
  name: "record-outcome",
  input: stepInputs["record-outcome"],
  output: runOutcomeSchema,
  run: (input, { env: { config, region }, log }) => {
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      ledger: ledger(config, region, now),
      approvals: approvals(config, region),
      notifications: notifications(config, region),
      measure: measureFor(config),
      ...{ log, now },
    };
    return recordOutcome(ports, config, input);
  },
});
