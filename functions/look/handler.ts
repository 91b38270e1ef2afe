// Invoked by evidence gathering from the Region that decides, and by verification.
import { lookAnswerSchema, lookRequestSchema } from "../../core/contracts/steps.ts";
import { defineHandler } from "../define-handler.ts";
import { livePorts } from "../journey/live.ts";
import { look } from "./look.ts";

export const handler = defineHandler({
  name: "look",
  input: lookRequestSchema,
  output: lookAnswerSchema,
  run: (request, { env: { config, region } }) =>
    look(request, { config, vantage: region }, livePorts),
});
