// Target of this Region's EventBridge rules. What fails here is tried again by EventBridge and
// Lambda, and what is lost is found by reconcile a minute later.
import { accountOf } from "../account.ts";
import { controlTable } from "../adapters/control-table.ts";
import { healthIssues } from "../adapters/health-issues.ts";
import { stateMachine } from "../adapters/state-machine.ts";
import { defineHandler } from "../define-handler.ts";
import { epochKept } from "../log.ts";
import { eventSchema, onSignal } from "./on-signal.ts";

export const handler = defineHandler({
  name: "on-signal",
  input: eventSchema,
  async run(event, { env: { config, region }, functionArn, log }) {
    const answer = await onSignal(event, {
      config,
      region,
      control: epochKept(controlTable(config, region), log),
      machine: stateMachine(config, region, accountOf(functionArn)),
      health: healthIssues(config, region),
      now: () => Date.now(),
    });
    log.info(answer.started ? `Started ${answer.name}.` : answer.why, {
      source: event.source,
      type: event["detail-type"],
    });
    return answer;
  },
});
