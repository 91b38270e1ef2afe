// The levers as they stand, and automation with who set it and why; the latter can be changed here.
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { doneSchema, paths, type ShownStatus } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import { post } from "./requests.ts";
import { LeverSign } from "./verdict.tsx";
import { When } from "./when.tsx";

interface Props {
  readonly status: ShownStatus;
}

export function LeversPanel({ status }: Props) {
  return (
    <Container
      header={
        <Header variant="h2" description="Pulled: the Region is taken out of service on purpose.">
          Levers
        </Header>
      }
    >
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">of</th>
            <th scope="col">switch</th>
            <th scope="col">drain</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(status.levers).map(([region, { standing, desired }]) => (
            <tr key={region}>
              <th scope="row">{region}</th>
              {(["switch", "drain"] as const).map((lever) => (
                <td key={lever}>
                  <LeverSign stands={standing[lever]} desired={desired?.[lever] ?? "unknown"} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Container>
  );
}

type Command = "pause" | "resume" | "arm" | "shadow";
const words = {
  armed: "armed: automatic runs switch",
  approval: "automatic runs ask first",
  shadow: "shadow: automatic runs decide and change nothing",
  paused: "paused: automatic runs change nothing",
} as const;

export function AutomationPanel({ status }: Props) {
  const { automation, automationChange: change, at } = status;
  if (automation === null) return null;
  return (
    <Container header={<Header variant="h2">Automation</Header>}>
      <SpaceBetween size="s">
        <StatusIndicator type={automation === "armed" ? "success" : "warning"}>
          {words[automation]}
        </StatusIndicator>
        {change === null ? null : (
          <div>
            By {change.by}, <When at={change.at} now={at} />
            {change.reason === "" ? "" : `: ${change.reason}`}
          </div>
        )}
        <AutomationForm commands={automation === "paused" ? ["resume"] : ["pause", "resume"]} />
      </SpaceBetween>
    </Container>
  );
}

function AutomationForm({ commands }: { readonly commands: readonly Command[] }) {
  const [reason, setReason] = useState("");
  const acting = useActing();
  const set = (command: Command) =>
    acting.act(async () => {
      const body = { command, ...(reason === "" ? {} : { reason }) };
      return (await post(paths.automation, body, doneSchema)).message;
    });
  return (
    <SpaceBetween size="s">
      <FormField label="Reason" description="For whoever comes next. Operators' switches go on.">
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
      <SpaceBetween size="xs" direction="horizontal">
        {commands.map((command) => (
          <Button key={command} loading={acting.isBusy} onClick={() => void set(command)}>
            {command === "pause" ? "Pause automation" : "Resume as configured"}
          </Button>
        ))}
      </SpaceBetween>
      <Outcome acting={acting} />
    </SpaceBetween>
  );
}
