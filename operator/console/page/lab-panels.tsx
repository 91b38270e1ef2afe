// How fast the lab's time goes, and the shipped scenarios: those that fit the running lab's
// configuration can be played in it, the others say what they need.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { LabState } from "../../../core/contracts/lab-control.ts";
import { Outcome, useActing } from "./act.tsx";
import { steer } from "./steer.ts";

interface Props {
  readonly lab: LabState;
}

const speeds = [1, 5, 10, 20, 50];

export function PacePanel({ lab: { speed } }: Props) {
  const acting = useActing();
  const all = speeds.includes(speed) ? speeds : [...speeds, speed].sort((a, b) => a - b);
  return (
    <Container header={<Header variant="h2">Speed</Header>}>
      <SpaceBetween size="s">
        <SegmentedControl
          label="Virtual seconds a real second"
          selectedId={String(speed)}
          options={all.map((one) => ({ id: String(one), text: `${one}×` }))}
          onChange={({ detail }) =>
            void acting.act(() => steer("speed", { speed: Number(detail.selectedId) }))
          }
        />
        <Outcome acting={acting} />
      </SpaceBetween>
    </Container>
  );
}

export function ScenarioPanel({ lab: { scenarios } }: Props) {
  const acting = useActing();
  const [name, setName] = useState<string | null>(null);
  const chosen = scenarios.find((one) => one.name === name);
  return (
    <Container header={<Header variant="h2">Replay a scenario</Header>}>
      <SpaceBetween size="s">
        <Select
          placeholder="Choose one"
          ariaLabel="Scenario"
          filteringType="auto"
          filteringAriaLabel="Find a scenario"
          selectedOption={name === null ? null : { value: name, label: name }}
          options={scenarios.map((one) => ({
            value: one.name,
            label: one.name,
            description: one.why ?? one.description,
            disabled: one.why !== null,
          }))}
          onChange={({ detail }) => setName(detail.selectedOption.value ?? null)}
        />
        {chosen === undefined ? null : <Box>{chosen.description}</Box>}
        <Button
          disabled={name === null}
          loading={acting.isBusy}
          onClick={() => void acting.act(() => steer("play", { scenario: name }))}
        >
          Play from now on
        </Button>
        <Outcome acting={acting} />
      </SpaceBetween>
    </Container>
  );
}
