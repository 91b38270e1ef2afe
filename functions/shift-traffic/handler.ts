// One round of moving traffic: the levers, then the zone's own name servers until they follow.
import { shiftSchema, stepInputs } from "../../core/contracts/steps.ts";
import { drainMetricOf } from "../adapters/cloudwatch.ts";
import { controlTable } from "../adapters/control-table.ts";
import { looksOf } from "../adapters/functions.ts";
import { ledger } from "../adapters/ledger.ts";
import { nameServersOf } from "../adapters/name-servers.ts";
import { route53 } from "../adapters/route53.ts";
import { defineHandler } from "../define-handler.ts";
import { sleep } from "../sleep.ts";
import { shiftTraffic } from "./shift-traffic.ts";

export const handler = defineHandler({
  name: "shift-traffic",
  input: stepInputs["shift-traffic"],
  output: shiftSchema,
  run: (input, { env: { config, region } }) => {
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      ledger: ledger(config, region, now),
      route53: route53(region),
      drain: drainMetricOf(config),
      looks: looksOf(config, now),
      nameServers: nameServersOf(config),
      sleep: (seconds: number) => sleep(seconds * 1_000),
      now,
    };
    return shiftTraffic(ports, config, input);
  },
});
