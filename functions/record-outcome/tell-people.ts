// Who is told what. A switch, its undoing and a failure are always told; a hold that needs people
// pages when what it says differs from the last page, since a vote that stands wakes a run every
// minute.
import type { Config } from "../../core/config/schema.ts";
import type { RunOutcome } from "../../core/contracts/steps.ts";
import { groupOf } from "../../core/names.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Notifications } from "../adapters/notifications.ts";
import type { OutcomeInput } from "./outcome-of.ts";

export interface PagePorts {
  readonly control: Pick<ControlTable, "readPage" | "putPage">;
  readonly notifications: Notifications;
  now(): number;
}

export async function tellPeople(
  ports: PagePorts,
  config: Config,
  input: OutcomeInput,
  outcome: RunOutcome,
): Promise<void> {
  const manner = mannerOf(input);
  if (manner === "silent") return;
  const subject = subjectOf(input, outcome);
  const last = await ports.control.readPage();
  const changed = last?.subject !== subject;
  if (manner !== "always" && !changed) return;
  // Remembered even where nobody is told, so that the same page after another state is news again.
  await ports.control.putPage({ subject, at: ports.now() });
  if (manner === "remembered") return;
  await ports.notifications.send(input.run.executionArn, titleOf(config, outcome), [
    outcome.sentence,
    ...(input.decision?.sentences ?? []),
    `Execution: ${input.run.executionArn}`,
  ]);
}

type Manner = "always" | "on-change" | "remembered" | "silent";

function mannerOf({ outcome, decision }: OutcomeInput): Manner {
  switch (outcome) {
    case "switched":
    case "undone":
    case "failed":
      return "always";
    case "held":
      // Held although it was to be asked: another question is open, or this one was rejected
      // lately. Either way people know.
      return decision?.page === true && decision.kind === "hold" ? "on-change" : "remembered";
    case "not-approved":
      return "on-change";
    case "superseded":
    case "dry-run":
      return "silent";
  }
}

function subjectOf({ outcome, decision }: OutcomeInput, { plan }: RunOutcome): string {
  const reasons = [...(decision?.because ?? []), ...(decision?.blockedBy ?? [])].sort();
  return [outcome, plan?.direction ?? "none", ...reasons].join(" ");
}

function titleOf(config: Config, { outcome, plan }: RunOutcome): string {
  const move = plan === null ? "run" : `${plan.direction} from ${plan.source} to ${plan.target}`;
  return `${groupOf(config)}: ${outcome}: ${move}`;
}
