// What is to be switched, and the two buttons: the preview, which changes nothing, and the start,
// which asks once more and shows what the preview found. Without a preview it may be started all
// the same: the run gathers evidence and decides by itself.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Deployment, RunShown, ShownStatus } from "../contract.ts";
import { ConfirmStart } from "./confirm-start.tsx";

export interface Wanted {
  readonly direction: "failover" | "failback";
  readonly mode: "planned" | "forced";
  /** Active-active alone. */
  readonly region?: string;
  readonly reason?: string;
}

interface Props {
  readonly deployment: Deployment;
  readonly status: ShownStatus;
  readonly isBusy: boolean;
  previewOf(wanted: Wanted): RunShown | null;
  start(wanted: Wanted, dryRun: boolean): Promise<boolean>;
}

export function StartForm({ deployment, status, isBusy, previewOf, start }: Props) {
  const [chosen, setChosen] = useState<Wanted["direction"] | null>(null);
  const [mode, setMode] = useState<Wanted["mode"]>("planned");
  const [region, setRegion] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [isAsking, setAsking] = useState(false);
  const direction = chosen ?? (status.latched === true ? "failback" : "failover");
  const wanted: Wanted = {
    ...{ direction, mode },
    ...(region === null ? {} : { region }),
    ...(reason === "" ? {} : { reason }),
  };
  return (
    <Container header={<Header variant="h2">Start</Header>}>
      <SpaceBetween size="m">
        <div className="pair">
          <Direction value={direction} choose={setChosen} />
          <Mode value={mode} choose={setMode} />
        </div>
        {deployment.topology === "active-active" ? (
          <RegionField deployment={deployment} value={region} choose={setRegion} />
        ) : null}
        <FormField label="Reason" description="For the ledger.">
          <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
        <SpaceBetween size="xs" direction="horizontal">
          <Button loading={isBusy} onClick={() => void start(wanted, true)}>
            Preview
          </Button>
          <Button variant="primary" disabled={isBusy} onClick={() => setAsking(true)}>
            Start …
          </Button>
        </SpaceBetween>
      </SpaceBetween>
      {isAsking ? (
        <ConfirmStart
          wanted={wanted}
          preview={previewOf(wanted)}
          answer={(isAgreed) => {
            setAsking(false);
            if (isAgreed) void start(wanted, false);
          }}
        />
      ) : null}
    </Container>
  );
}

interface Choice<T> {
  readonly value: T;
  choose(value: T): void;
}

function Direction({ value, choose }: Choice<Wanted["direction"]>) {
  return (
    <FormField label="Direction">
      <RadioGroup
        value={value}
        onChange={({ detail }) => choose(detail.value === "failback" ? "failback" : "failover")}
        items={[
          { value: "failover", label: "Failover", description: "Traffic leaves a Region." },
          {
            value: "failback",
            label: "Failback",
            description: "The Region that was left returns.",
          },
        ]}
      />
    </FormField>
  );
}

function Mode({ value, choose }: Choice<Wanted["mode"]>) {
  return (
    <FormField label="Mode">
      <RadioGroup
        value={value}
        onChange={({ detail }) => choose(detail.value === "forced" ? "forced" : "planned")}
        items={[
          { value: "planned", label: "Planned", description: "Drains first, and loses no write." },
          {
            value: "forced",
            label: "Forced",
            description: "Goes past what blocks a planned one; what it waives is recorded.",
          },
        ]}
      />
    </FormField>
  );
}

interface RegionProps extends Choice<string | null> {
  readonly deployment: Deployment;
}

function RegionField({ deployment: { primary, secondary }, value, choose }: RegionProps) {
  const any = { value: "", label: "the primary, or the one that is out" };
  const options = [any, ...[primary, secondary].map((one) => ({ value: one, label: one }))];
  return (
    <FormField
      label="Region"
      description="Failover: the one to take out. Failback: the one to bring back."
    >
      <Select
        options={options}
        selectedOption={options.find((option) => option.value === (value ?? "")) ?? any}
        onChange={({ detail }) => choose(detail.selectedOption.value || null)}
      />
    </FormField>
  );
}
