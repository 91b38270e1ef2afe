// How many requests each Region answers, and how far each one's writes have arrived at the other:
// the trend, and what a switch away from it could lose now.
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ConsoleState, Deployment } from "../contract.ts";
import { Sparkline } from "./sparkline.tsx";
import { perSecond } from "./traffic.ts";
import { seconds } from "./when.tsx";

interface Props {
  readonly state: ConsoleState;
  readonly deployment: Deployment;
}

export function ReplicationPanel({ state, deployment }: Props) {
  const entries = Object.entries(state.facts?.replication ?? {});
  return (
    <Container
      header={
        <Header variant="h2" description={`Objective: at most ${deployment.rpoSeconds} s lost.`}>
          Replication
        </Header>
      }
    >
      <SpaceBetween size="m">
        {entries.map(([source, { to, lagSeconds, lossBoundSeconds, series }]) => (
          <div key={source}>
            <div className="pair-line">
              <span>
                {source} → {to}: {behind(lagSeconds)}
              </span>
              <Bound seconds={lossBoundSeconds} most={deployment.rpoSeconds} />
            </div>
            <Sparkline
              points={series.map(({ at, lagSeconds: value }) => ({ at, value }))}
              label={`Lag from ${source} to ${to} lately, now ${seconds(lagSeconds)}`}
              mark={deployment.rpoSeconds}
            />
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}

const behind = (lag: number | null) => (lag === null ? "unknown" : `${seconds(lag)} behind`);

function Bound({ seconds: bound, most }: { seconds: number | null; most: number }) {
  if (bound === null) return <StatusIndicator type="pending">loss bound unknown</StatusIndicator>;
  return (
    <StatusIndicator type={bound <= most ? "success" : "warning"}>
      would lose at most {Math.ceil(bound)} s
    </StatusIndicator>
  );
}

export function TrafficPanel({ state }: { readonly state: ConsoleState }) {
  const traffic = Object.entries(state.facts?.traffic ?? {});
  return (
    <Container
      header={
        <Header variant="h2" description="Answered by API Gateway a minute, the looks included.">
          Traffic
        </Header>
      }
    >
      <SpaceBetween size="m">
        {traffic.map(([region, minutes]) => (
          <div key={region}>
            <div className="pair-line">
              <span>{region}</span>
              <Rate minutes={minutes} rate={perSecond(state, region)} isLab={state.lab !== null} />
            </div>
            <Sparkline
              points={(minutes ?? []).map(({ at, requests }) => ({ at, value: requests }))}
              label={`Requests a minute that ${region} answered lately`}
            />
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}

interface RateProps {
  readonly minutes: readonly { readonly requests: number }[] | null;
  readonly rate: number | null;
  readonly isLab: boolean;
}

function Rate({ minutes, rate, isLab }: RateProps) {
  if (minutes === null) return <StatusIndicator type="pending">unknown</StatusIndicator>;
  const clients = isLab && rate !== null ? `; clients see ${rate.toFixed(1)} a second` : "";
  return (
    <span>
      {minutes.at(-1)?.requests ?? 0} a minute{clients}
    </span>
  );
}
