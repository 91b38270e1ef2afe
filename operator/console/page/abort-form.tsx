// Asking a run that is under way to stop. Folded away, so that nobody does it in passing; what came
// of it is seen in the run itself, which says whether it was held, undone, or left to finish.
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { doneSchema, paths } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import { post } from "./requests.ts";

export function AbortForm({ execution }: { readonly execution: string }) {
  const [reason, setReason] = useState("");
  const acting = useActing();
  const send = () =>
    acting.act(async () => {
      const body = { execution, ...(reason === "" ? {} : { reason }) };
      return (await post(paths.abort, body, doneSchema)).message;
    });
  return (
    <ExpandableSection headerText="Abort this run">
      <SpaceBetween size="m">
        <p>
          Before its claim it changes nothing; before the target is promoted it is undone; after
          that it is too late. Another run may follow: pause automation if none is wanted.
        </p>
        <FormField label="Reason for the abort">
          <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
        <Button loading={acting.isBusy} onClick={() => void send()}>
          Abort
        </Button>
        <Outcome acting={acting} />
      </SpaceBetween>
    </ExpandableSection>
  );
}
