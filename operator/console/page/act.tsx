// A change that the reader asked for, from the click to its outcome: the button waits meanwhile,
// and what came of it is said where it was asked for, also to who does not see the screen.
import Alert from "@cloudscape-design/components/alert";
import { useState } from "react";

export interface Acting {
  readonly isBusy: boolean;
  readonly outcome: { readonly isDone: boolean; readonly words: string } | null;
  /** Answers whether it was done. */
  act(what: () => Promise<string>): Promise<boolean>;
  forget(): void;
}

export function useActing(): Acting {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Acting["outcome"]>(null);
  return {
    ...{ isBusy, outcome },
    forget: () => setOutcome(null),
    async act(what) {
      setBusy(true);
      setOutcome(null);
      try {
        const words = await what();
        setOutcome(words === "" ? null : { isDone: true, words });
        return true;
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        setOutcome({ isDone: false, words });
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

export function Outcome({ acting }: { readonly acting: Acting }) {
  const { outcome, forget } = acting;
  return (
    <div aria-live="polite">
      {outcome === null ? null : (
        <Alert
          type={outcome.isDone ? "success" : "error"}
          dismissible
          dismissAriaLabel="Dismiss"
          onDismiss={forget}
        >
          <span className="lines">{outcome.words}</span>
        </Alert>
      )}
    </div>
  );
}
