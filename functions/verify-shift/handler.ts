// One round of verification: which Region answers the public name, from two vantage points.
import { stepInputs, verificationSchema } from "../../core/contracts/steps.ts";
import { controlTable } from "../adapters/control-table.ts";
import { looksOf } from "../adapters/functions.ts";
import { defineHandler } from "../define-handler.ts";
import { verifyShift } from "./verify-shift.ts";

export const handler = defineHandler({
  name: "verify-shift",
  input: stepInputs["verify-shift"],
  output: verificationSchema,
  run: (input, { env: { config, region } }) => {
    const ports = {
      control: controlTable(config, region),
      looks: looksOf(config, () => Date.now()),
    };
    return verifyShift({ ...ports, now: () => Date.now() }, config, input);
  },
});
