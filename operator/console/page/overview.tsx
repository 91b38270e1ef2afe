// What an operator must know in five seconds: who serves, who writes, whether anything moves, who
// sees whom how; then what stands in the way of trusting it.
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ConsoleState, Deployment, ShownStatus } from "../contract.ts";
import { AlarmsPanel, HealthPanel } from "./alarms-panel.tsx";
import type { ViewProps } from "./app.tsx";
import { Fact } from "./fact.tsx";
import { AutomationPanel, LeversPanel } from "./levers-panel.tsx";
import { Picture } from "./picture.tsx";
import { ReplicationPanel, TrafficPanel } from "./replication-panel.tsx";
import { VantagePanel } from "./vantage-panel.tsx";
import { span, When } from "./when.tsx";

export function Overview({ live: { state } }: ViewProps) {
  const { deployment, status } = state ?? {};
  if (!state || !deployment || !status) return <Nothing state={state} />;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={
          <>
            As of <When at={status.at} />
          </>
        }
      >
        Overview
      </Header>
      <Headline status={status} deployment={deployment} />
      <Container>
        <Picture state={state} status={status} deployment={deployment} />
      </Container>
      <div className="pair">
        <VantagePanel status={status} deployment={deployment} />
        <LeversPanel status={status} />
      </div>
      <div className="pair">
        <TrafficPanel state={state} />
        <ReplicationPanel state={state} deployment={deployment} />
      </div>
      <div className="pair">
        <AlarmsPanel state={state} />
        <HealthPanel state={state} />
      </div>
      <AutomationPanel status={status} />
    </SpaceBetween>
  );
}

function Nothing({ state }: { readonly state: ConsoleState | null }) {
  return (
    <Box padding={{ vertical: "xxl" }} textAlign="center" color="text-body-secondary">
      <StatusIndicator type="loading">{state?.silent ?? "Reading the state …"}</StatusIndicator>
    </Box>
  );
}

interface HeadlineProps {
  readonly status: ShownStatus;
  readonly deployment: Deployment;
}

function Headline({ status, deployment }: HeadlineProps) {
  const { serving, writer, writes, epoch, phase } = status;
  return (
    <Container>
      <ColumnLayout columns={4} variant="text-grid" minColumnWidth={170}>
        <Fact name="Serves">
          <span data-fact="serving">
            {serving.length === 0 ? "unknown" : serving.join(" and ")}
          </span>
        </Fact>
        <Fact name="Writes">{writes === "any-region" ? "both" : (writer ?? "nobody")}</Fact>
        <Fact name="Phase">
          <Phase status={status} />
        </Fact>
        <Fact name="Epoch">
          <span data-fact="epoch">{epoch ?? "unknown"}</span>
        </Fact>
      </ColumnLayout>
      <Latch status={status} deployment={deployment} />
      {phase === "switching" ? <Plan status={status} /> : null}
    </Container>
  );
}

function Phase({ status: { phase } }: { readonly status: ShownStatus }) {
  if (phase === null) return <StatusIndicator type="pending">unknown</StatusIndicator>;
  if (phase === "steady") return <StatusIndicator type="success">steady</StatusIndicator>;
  return <StatusIndicator type="in-progress">switching</StatusIndicator>;
}

function Latch({ status: { latched }, deployment: { primary } }: HeadlineProps) {
  if (latched !== true) return null;
  return (
    <Box padding={{ top: "s" }}>
      <StatusIndicator type="info">
        Latched: traffic stays where it is, also when {primary} is well again, until an operator
        fails back.
      </StatusIndicator>
    </Box>
  );
}

function Plan({ status: { plan, lease, at } }: { readonly status: ShownStatus }) {
  if (plan === null) return null;
  const left = lease === null ? 0 : (lease.until - at) / 1000;
  return (
    <Box padding={{ top: "s" }}>
      <a href="#/switch">
        {plan.mode} {plan.direction} from {plan.source} to {plan.target}
      </a>
      {left > 0
        ? `; its lease holds ${span(left)} more`
        : "; its lease has lapsed: a run takes over"}
    </Box>
  );
}
