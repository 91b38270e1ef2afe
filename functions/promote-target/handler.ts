// Makes the Region that is to serve the active Region and the writer.
import { promotionSchema, stepInputs } from "../../core/contracts/steps.ts";
import { controlTable } from "../adapters/control-table.ts";
import { divergences } from "../adapters/divergences.ts";
import { ledger } from "../adapters/ledger.ts";
import { defineHandler } from "../define-handler.ts";
import { promoteTarget } from "./promote-target.ts";

export const handler = defineHandler({
  name: "promote-target",
  input: stepInputs["promote-target"],
  output: promotionSchema,
  run: (input, { env: { config, region } }) => {
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      divergences: divergences(config, region),
      ledger: ledger(config, region, now),
    };
    return promoteTarget({ ...ports, now }, config, input);
  },
});
