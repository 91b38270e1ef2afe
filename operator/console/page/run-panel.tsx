// One run: its steps with the one it stands in, its decision, its timeline as it grows.
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { RunEvent, RunShown } from "../contract.ts";
import { AbortForm } from "./abort-form.tsx";
import { DecisionShown } from "./decision-shown.tsx";
import { RunGraph } from "./run-graph.tsx";
import { Timeline } from "./timeline.tsx";

export function RunPanel({ event: { run, why } }: { readonly event: RunEvent }) {
  if (run === null) return <Alert type="warning">The run can't be read: {why}</Alert>;
  return (
    <Container
      header={
        <Header variant="h2" description={`${run.name} in ${run.region}`}>
          Run
        </Header>
      }
    >
      <SpaceBetween size="m">
        <div data-run={run.executionArn} data-status={run.status}>
          <RunStands run={run} />
        </div>
        <RunGraph run={run} />
        {run.status === "RUNNING" ? <AbortForm execution={run.executionArn} /> : null}
        {run.decision === null ? null : <DecisionShown decision={run.decision} />}
        <Timeline entries={run.entries} />
      </SpaceBetween>
    </Container>
  );
}

const good = ["switched", "dry-run"];

export function RunStands({ run: { status, standsIn, outcome } }: { readonly run: RunShown }) {
  if (status === "RUNNING") {
    return (
      <StatusIndicator type={standsIn === "AwaitApproval" ? "pending" : "in-progress"}>
        Running: stands in {standsIn ?? "its first step"}
      </StatusIndicator>
    );
  }
  const isGood = outcome !== null && good.includes(outcome.outcome);
  return (
    <StatusIndicator type={isGood ? "success" : status === "SUCCEEDED" ? "info" : "error"}>
      {outcome?.sentence ?? `The run ended as ${status}.`}
    </StatusIndicator>
  );
}
