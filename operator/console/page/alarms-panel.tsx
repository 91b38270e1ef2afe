// What sounds, and what AWS Health reports. An empty panel says that there is nothing, and one that
// could not be read says so: the two are not the same.
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ConsoleState, Facts } from "../contract.ts";
import { When } from "./when.tsx";

interface Props {
  readonly state: ConsoleState;
}

export function AlarmsPanel({ state: { facts } }: Props) {
  const count = facts === null ? {} : { counter: `(${facts.alarms.length})` };
  return (
    <Container
      header={
        <Header variant="h2" {...count}>
          Alarms
        </Header>
      }
    >
      <SpaceBetween size="s">
        {facts === null ? <Loading /> : <Alarms facts={facts} />}
      </SpaceBetween>
    </Container>
  );
}

const Loading = () => <StatusIndicator type="loading">Reading …</StatusIndicator>;

function Alarms({ facts: { alarms, unknown } }: { readonly facts: Facts }) {
  return (
    <>
      {alarms.map(({ region, name, reason, since }) => (
        <div key={`${region} ${name}`}>
          <StatusIndicator type="error">
            {name} in {region}
          </StatusIndicator>
          <div className="detail">
            {since === null ? null : <When at={since} />} {reason}
          </div>
        </div>
      ))}
      {unknown.map((line) => (
        <StatusIndicator key={line} type="pending">
          unknown: {line}
        </StatusIndicator>
      ))}
      {alarms.length + unknown.length === 0 ? <Box>Nothing sounds.</Box> : null}
    </>
  );
}

export function HealthPanel({ state: { facts } }: Props) {
  return (
    <Container
      header={
        <Header variant="h2" description="As stored from its events; updated within two days.">
          AWS Health
        </Header>
      }
    >
      <SpaceBetween size="s">
        {facts === null ? <Loading /> : null}
        {facts?.health.map(({ region, service, code, updatedAt, counts, why }) => (
          <div key={`${region} ${code} ${updatedAt}`}>
            <StatusIndicator type={counts ? "warning" : "stopped"}>
              {service} in {region}: {code}
            </StatusIndicator>
            <div className="detail">
              <When at={updatedAt} /> {why}
            </div>
          </div>
        ))}
        {facts?.health.length === 0 ? <Box>No issue is on record.</Box> : null}
      </SpaceBetween>
    </Container>
  );
}
