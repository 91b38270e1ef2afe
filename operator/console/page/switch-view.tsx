// Failover and failback: a preview first, whose decision is the machine's own; then the start; then
// the run as it goes. What waits for an answer is answered here.
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { type ConsoleState, paths, type RunShown, startedSchema } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import type { ViewProps } from "./app.tsx";
import { ApprovalPanel } from "./approval-panel.tsx";
import { post } from "./requests.ts";
import { RunPanel } from "./run-panel.tsx";
import { StartForm, type Wanted } from "./start-form.tsx";

/** A preview that was made, and of what. */
interface Previewed {
  readonly executionArn: string;
  readonly wanted: string;
}

export function SwitchView({ live: { state, run }, choose }: ViewProps) {
  const [previewed, setPreviewed] = useState<Previewed | null>(null);
  const acting = useActing();
  if (!state?.deployment || !state.status) {
    return (
      <StatusIndicator type="loading">{state?.silent ?? "Reading the state …"}</StatusIndicator>
    );
  }
  const start = (wanted: Wanted, dryRun: boolean) =>
    acting.act(async () => {
      const { executionArn } = await post(paths.switch, { ...wanted, dryRun }, startedSchema);
      choose(executionArn);
      setPreviewed(dryRun ? { executionArn, wanted: keyOf(wanted) } : null);
      return "";
    });
  const shown = run?.run ?? null;
  const previewOf = (wanted: Wanted): RunShown | null =>
    previewed?.wanted === keyOf(wanted) && shown?.executionArn === previewed.executionArn
      ? shown
      : null;
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Switch</Header>
      {state.status.approvals.map((approval) => (
        <ApprovalPanel key={approval.id} approval={approval} now={state.status?.at ?? 0} />
      ))}
      <StartForm
        deployment={state.deployment}
        status={state.status}
        isBusy={acting.isBusy}
        previewOf={previewOf}
        start={start}
      />
      <Outcome acting={acting} />
      <OtherRuns state={state} shown={shown?.executionArn ?? null} choose={choose} />
      {run === null ? null : <RunPanel event={run} />}
    </SpaceBetween>
  );
}

/** The reason is no part of what is decided. */
const keyOf = ({ direction, mode, region }: Wanted) => JSON.stringify([direction, mode, region]);

interface OtherProps {
  readonly state: ConsoleState;
  readonly shown: string | null;
  choose(run: string): void;
}

function OtherRuns({ state, shown, choose }: OtherProps) {
  const running = state.status?.runs.flatMap(({ executions }) => executions ?? []) ?? [];
  return running
    .filter((arn) => arn !== shown)
    .map((arn) => (
      <StatusIndicator key={arn} type="in-progress">
        Another run is under way:{" "}
        <Link onFollow={() => choose(arn)}>show {arn.split(":").at(-1)}</Link>
      </StatusIndicator>
    ));
}
