// Ends a run: the routing state becomes steady if it is this run's, and everybody is told.
import { runOutcomeSchema, stepInputs } from "../../core/contracts/steps.ts";
import { accountOf } from "../account.ts";
import { approvals } from "../adapters/approvals.ts";
import { archive } from "../adapters/archive.ts";
import { bounded } from "../adapters/clients.ts";
import { controlTable } from "../adapters/control-table.ts";
import { ledger, ledgerReader } from "../adapters/ledger.ts";
import { notifications } from "../adapters/notifications.ts";
import { archiveChain } from "../archive-chain.ts";
import { defineHandler, type Invocation } from "../define-handler.ts";
import { measureFor } from "../metrics.ts";
import { recordOutcome } from "./record-outcome.ts";

export const handler = defineHandler({
  name: "record-outcome",
  input: stepInputs["record-outcome"],
  output: runOutcomeSchema,
  run: (input, invocation) => {
    const { env, log } = invocation;
    const { config, region } = env;
    const now = () => Date.now();
    const ports = {
      control: controlTable(config, region),
      ledger: ledger(config, region, now),
      readLedger: ledgerReader(config, region),
      approvals: approvals(config, region),
      notifications: notifications(config, region),
      measure: measureFor(config),
      archive: (execution: string) => archiveInTime(invocation, execution),
      ...{ log, now },
    };
    return recordOutcome(ports, config, input);
  },
});

/** An archive that hangs must not use up the step's time, or the step would be repeated. */
const archiveSecondsMost = 6;
const leftForAnswerSeconds = 4;

function archiveInTime(invocation: Invocation, execution: string): Promise<number> {
  const { env, functionArn } = invocation;
  const { config, region } = env;
  const left = invocation.remainingMilliseconds() / 1_000 - leftForAnswerSeconds;
  const ports = {
    readLedger: ledgerReader(config, region),
    archive: archive(config, region, accountOf(functionArn)),
  };
  return bounded(Math.max(0, Math.min(archiveSecondsMost, left)), () =>
    archiveChain(ports, env, execution),
  );
}
