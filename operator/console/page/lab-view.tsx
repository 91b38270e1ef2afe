// The lab alone: break things and heal them, how fast time goes, what clients see meanwhile, and
// the shipped scenarios.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { LabState } from "../../../core/contracts/lab-control.ts";
import { Outcome, useActing } from "./act.tsx";
import type { ViewProps } from "./app.tsx";
import { ClientsPanel } from "./clients-panel.tsx";
import { FaultForm } from "./fault-form.tsx";
import { PacePanel, ScenarioPanel } from "./lab-panels.tsx";
import { steer } from "./steer.ts";
import { When } from "./when.tsx";

export function LabView({ live: { state } }: ViewProps) {
  const { lab = null, deployment = null } = state ?? {};
  if (lab === null || deployment === null) {
    const words = deployment?.kind === "aws" ? "This is AWS: no lab." : "No live lab answers.";
    return <StatusIndicator type="pending">{state?.silent ?? words}</StatusIndicator>;
  }
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={
          <>
            Its own time: <When at={lab.now} />, {lab.speed} times as fast as yours
          </>
        }
      >
        Lab
      </Header>
      <ClientsPanel lab={lab} deployment={deployment} />
      <div className="pair">
        <Container header={<Header variant="h2">Break things</Header>}>
          <FaultForm schema={lab.faultSchema} deployment={deployment} />
        </Container>
        <SpaceBetween size="l">
          <Standing lab={lab} />
          <PacePanel lab={lab} />
          <ScenarioPanel lab={lab} />
        </SpaceBetween>
      </div>
      <Story lab={lab} />
    </SpaceBetween>
  );
}

interface Props {
  readonly lab: LabState;
}

function Standing({ lab: { faults } }: Props) {
  const acting = useActing();
  const heal = (id: string) => void acting.act(() => steer("heal", { id }));
  const all = (
    <Button disabled={faults.length === 0} onClick={() => heal("all")}>
      Heal all
    </Button>
  );
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${faults.length})`} actions={all}>
          Broken now
        </Header>
      }
    >
      <SpaceBetween size="s">
        {faults.length === 0 ? <Box>Nothing is broken.</Box> : null}
        {faults.map(({ id, words, since }) => (
          <div key={id} className="pair-line">
            <span>
              <StatusIndicator type="error">{words}</StatusIndicator>
              <div className="detail">
                {id}, <When at={since} />
              </div>
            </span>
            <Button onClick={() => heal(id)} ariaLabel={`Heal ${id}: ${words}`}>
              Heal
            </Button>
          </div>
        ))}
        <Outcome acting={acting} />
      </SpaceBetween>
    </Container>
  );
}

function Story({ lab: { story } }: Props) {
  return (
    <Container header={<Header variant="h2">What happens</Header>}>
      <table className="timeline">
        <caption className="hidden">What happened in the lab, newest first</caption>
        <tbody>
          {story
            .slice(-60)
            .reverse()
            .map(({ at, region, text, tone }) => (
              <tr key={`${at} ${region} ${text}`} className={`tone-${tone}`}>
                <td>
                  <When at={at} now={at} />
                </td>
                <td className="kind">{region ?? ""}</td>
                <td>{text}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Container>
  );
}
