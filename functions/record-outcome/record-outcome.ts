// The last step of every run, in this order: ledger and numbers, routing state, people, archive.
// What fails after the routing state is logged and no more: a switch that happened must not end as
// failed because a message could not be sent. What the archive lacks, watch brings up later. Each
// may have been done by an attempt that died before it returned, and is then not done again.
import type { Config } from "../../core/config/schema.ts";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import type { Approvals } from "../adapters/approvals.ts";
import { faultWords } from "../faults.ts";
import type { Log } from "../log.ts";
import type { Measure } from "../metrics.ts";
import { type OutcomeInput, outcomeOf } from "./outcome-of.ts";
import { type RecordPorts, recordOnce } from "./record-once.ts";
import { type SettlePorts, settle } from "./settle.ts";
import { type PagePorts, tellPeople } from "./tell-people.ts";

export interface OutcomePorts extends PagePorts, RecordPorts, SettlePorts {
  readonly control: PagePorts["control"] & SettlePorts["control"];
  readonly approvals: Pick<Approvals, "lapse">;
  readonly measure: Measure;
  /** Copies the run's chain; bounded. */
  readonly archive: (execution: string) => Promise<unknown>;
  readonly log: Log;
}

export async function recordOutcome(
  ports: OutcomePorts,
  config: Config,
  input: OutcomeInput,
): Promise<RunOutcome> {
  const { executionArn } = input.run;
  const recorded = await recordOnce(ports, executionArn, outcomeOf(input, ports.now()));
  const { outcome, isNew } = recorded;
  // Beside the record, so that there are as many numbers as records.
  if (isNew) measureOutcome(ports.measure, input, outcome);
  await settle(ports, config, input);
  if (input.outcome === "not-approved") await ports.approvals.lapse(executionArn);
  await tellPeople(ports, config, input, recorded).catch((fault: unknown) => {
    ports.log.error(`Nobody was told of the outcome: ${faultWords(fault)}`);
  });
  ports.log.info(outcome.sentence, { outcome: outcome.outcome });
  await ports.archive(executionArn).catch((fault: unknown) => {
    ports.log.error(`The run is not archived yet: ${faultWords(fault)}`);
  });
  return outcome;
}

function measureOutcome(measure: Measure, { run }: OutcomeInput, outcome: RunOutcome): void {
  const startedAt = Date.parse(run.startedAt);
  const { plan, signalAt, shiftedAt, completedAt } = outcome;
  measure(
    {
      Runs: 1,
      // The RTO without its beginning: nobody here knows when the impact began.
      SignalToShiftSeconds: shiftedAt && (shiftedAt - (signalAt ?? startedAt)) / 1_000,
      RunSeconds: (completedAt - startedAt) / 1_000,
      LossBoundSeconds: outcome.outcome === "switched" ? outcome.lossBoundSeconds : null,
      WritePauseSeconds: outcome.writePauseSeconds,
    },
    { Outcome: outcome.outcome, Direction: plan?.direction ?? "none" },
  );
}
