// Puts a question to people. Returning ends nothing: the machine waits for the answer's token.
import * as z from "zod";
import { stepInputs } from "../../core/contracts/steps.ts";
import { approvals } from "../adapters/approvals.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger } from "../adapters/ledger.ts";
import { notifications } from "../adapters/notifications.ts";
import { defineHandler } from "../define-handler.ts";
import { requestApproval } from "./request-approval.ts";

export const handler = defineHandler({
  name: "request-approval",
  input: stepInputs["request-approval"],
  output: z.object({ id: z.string() }),
  run: (input, { env: { config, region }, log }) => {
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      approvals: approvals(config, region),
      ledger: ledger(config, region, now),
      notifications: notifications(config, region),
      ...{ log, now },
    };
    return requestApproval(ports, { config, region }, input);
  },
});
