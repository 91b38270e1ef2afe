// The decision itself is core/decide's; here it gets its time and its place in the ledger. The
// evidence it rests on goes there too: what was seen must be readable where the decision is.
import type { z } from "zod";
import type { Config } from "../../core/config/schema.ts";
import type { Evidence } from "../../core/contracts/evidence.ts";
import type { Decision, stepInputs } from "../../core/contracts/steps.ts";
import { decide } from "../../core/decide.ts";
import { runSecondsMost } from "../../core/run-length.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import type { Log } from "../log.ts";

export interface DecisionPorts {
  readonly control: Pick<ControlTable, "findAbort">;
  readonly ledger: Ledger;
  readonly log: Log;
  now(): number;
}

type DecideStepInput = z.output<(typeof stepInputs)["decide"]>;

export async function recordDecision(
  ports: DecisionPorts,
  config: Config,
  input: DecideStepInput,
): Promise<Decision> {
  const { run, request, evidence } = input;
  const abort = await ports.control.findAbort(run.executionArn);
  const now = ports.now();
  const approval = stillCounts(config, run, now) ? input.approval : null;
  const decision = decide({ request, evidence, approval, abort }, config, now);
  const { kind, because, blockedBy, waived, plan, lossBound, dryRun } = decision;
  await ports.ledger.append({
    execution: run.executionArn,
    epoch: decision.epoch,
    kind: "decision",
    sentence: decision.sentences.join(" "),
    detail: {
      ...{ kind, because, blockedBy, waived, plan, lossBound, dryRun },
      requestedBy: request.requestedBy,
      signal: request.signal ?? null,
      ...(abort === null ? {} : { abort }),
      approvedBy: approval?.approved === true ? approval.by : null,
      ...compact(evidence),
    },
  });
  for (const sentence of decision.sentences) ports.log.info(sentence, { kind });
  return decision;
}

/** An answer counts for as long as a run may take. Of one that was stopped and redriven after days
 * the question is asked again: whoever redrives must not make use of what was agreed to then. */
function stillCounts(config: Config, run: DecideStepInput["run"], now: number): boolean {
  return now - Date.parse(run.startedAt) <= runSecondsMost(config) * 1_000;
}

/** What votes, vouches, vetoes and bounds; of Health issues what makes them count. */
function compact(evidence: Evidence) {
  const { reports, canaries, components, controlHeartbeats, replication } = evidence;
  const { dnsAnswers, route53Reachable, levers, writesPerSecond } = evidence;
  return {
    reports,
    canaries,
    components,
    health: evidence.health.map(({ eventArn, region, service, counts, why }) => ({
      ...{ eventArn, region, service, counts, why },
    })),
    ...{ controlHeartbeats, replication, dnsAnswers, route53Reachable, levers, writesPerSecond },
    divergence: evidence.divergence,
    evidenceAt: evidence.at,
  };
}
