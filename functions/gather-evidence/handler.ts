// Gathers what a decision rests on: fresh looks from every vantage point, and the stored rest.
import { evidenceSchema } from "../../core/contracts/evidence.ts";
import { stepInputs } from "../../core/contracts/steps.ts";
import { applicationTable } from "../adapters/application-table.ts";
import { drainMetricOf, minutesOf, newestDatapoint } from "../adapters/cloudwatch.ts";
import { controlTable } from "../adapters/control-table.ts";
import { divergences } from "../adapters/divergences.ts";
import { looksOf } from "../adapters/functions.ts";
import { healthApi } from "../adapters/health-api.ts";
import { healthIssues } from "../adapters/health-issues.ts";
import { nameServersOf } from "../adapters/name-servers.ts";
import { route53 } from "../adapters/route53.ts";
import { defineHandler } from "../define-handler.ts";
import { sleep } from "../sleep.ts";
import { gatherEvidence } from "./gather-evidence.ts";

export const handler = defineHandler({
  name: "gather-evidence",
  input: stepInputs["gather-evidence"],
  output: evidenceSchema,
  async run({ request }, { env: { config, region, apiFunction }, log }) {
    const ports = {
      control: controlTable(config, region),
      controlIn: (where: string) => controlTable(config, where),
      application: (where: string) => applicationTable(config, where),
      health: healthIssues(config, region),
      healthApi: healthApi(config),
      divergences: divergences(config, region),
      looks: looksOf(config, () => Date.now()),
      nameServers: nameServersOf(config),
      route53: route53(region),
      drain: drainMetricOf(config),
      newestDatapoint,
      minutesOf,
      sleep,
      now: () => Date.now(),
    };
    const evidence = await gatherEvidence(ports, { config, region, apiFunction }, request.mode);
    log.keep({ epoch: evidence.routing.epoch });
    const seen = evidence.reports.map((r) => `${r.vantage} finds ${r.serving} ${r.verdict}`);
    log.info(`Gathered: ${seen.join(", ")}.`);
    for (const { region: where, component, verdict, detail } of evidence.components) {
      if (verdict === "failing") log.info(`CloudWatch of ${where}: ${component}: ${detail}.`);
    }
    return evidence;
  },
});
