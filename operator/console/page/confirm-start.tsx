// The last question before a switch is started: what it will be, and what a preview found.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { RunShown } from "../contract.ts";
import { DecisionShown } from "./decision-shown.tsx";
import type { Wanted } from "./start-form.tsx";

interface Props {
  readonly wanted: Wanted;
  readonly preview: RunShown | null;
  answer(isAgreed: boolean): void;
}

export function ConfirmStart({ wanted: { mode, direction }, preview, answer }: Props) {
  const decision = preview?.decision ?? null;
  return (
    <Modal
      visible
      closeAriaLabel="Close"
      onDismiss={() => answer(false)}
      header={`Start the ${mode} ${direction}?`}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={() => answer(false)}>
              Cancel
            </Button>
            <Button variant="primary" onClick={() => answer(true)}>
              Start the {direction}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {decision === null ? (
        <p>
          No preview of this was made. The run gathers evidence and decides by itself all the same:
          it holds where something stands against it.
        </p>
      ) : (
        <DecisionShown decision={decision} />
      )}
    </Modal>
  );
}
