// The three verdicts and the lever positions, each by colour, sign and word: colour alone tells
// nothing to some.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";

export type Verdict = "healthy" | "failing" | "unknown";

const types = { healthy: "success", failing: "error", unknown: "pending" } as const;
export const signs = { healthy: "✓", failing: "✕", unknown: "?" } as const;

export function VerdictSign({ verdict, children }: { verdict: Verdict; children?: ReactNode }) {
  return (
    <StatusIndicator type={types[verdict]}>
      {verdict}
      {children}
    </StatusIndicator>
  );
}

type Position = "pulled" | "released" | "unknown";

/** Where it stands, and where it should, if that is not the same. */
export function LeverSign({ stands, desired }: { stands: Position; desired: Position }) {
  if (stands === "unknown") return <StatusIndicator type="pending">unknown</StatusIndicator>;
  const isWrong = desired !== "unknown" && stands !== desired;
  const type = isWrong ? "warning" : stands === "pulled" ? "info" : "success";
  return (
    <StatusIndicator type={type}>
      {stands}
      {isWrong ? `, should be ${desired}` : ""}
    </StatusIndicator>
  );
}
