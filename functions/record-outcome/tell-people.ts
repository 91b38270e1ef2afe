// Who is told what. A switch and its undoing are always told; a failure, and a hold that needs
// people, page when what they say differs from what was said last, since a vote that stands or a
// lease that lapsed wakes a run every minute. What nobody said for a while is news again. A step
// that is repeated tells nobody twice, but for one whose process died between the topic's answer
// and the note of it: people who are told twice know; people who are told never don't.
import type { Config } from "../../core/config/schema.ts";
import { outcomeMail } from "../../core/mails/outcome-mail.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Notifications } from "../adapters/notifications.ts";
import type { OutcomeInput } from "./outcome-of.ts";
import type { Recorded } from "./record-once.ts";

export interface PagePorts {
  readonly control: Pick<ControlTable, "readPage" | "putPage">;
  readonly notifications: Notifications;
  now(): number;
}

export async function tellPeople(
  ports: PagePorts,
  config: Config,
  input: OutcomeInput,
  { outcome, hash: record }: Recorded,
): Promise<void> {
  const manner = mannerOf(input);
  if (manner === "silent") return;
  const subject = subjectOf(input, outcome);
  const source = outcome.plan?.source ?? null;
  const last = await ports.control.readPage(source);
  if (last?.record === record) return;
  const news = last?.subject !== subject || ports.now() - last.at > silenceMilliseconds;
  if (manner === "always" || (manner === "on-change" && news)) {
    const { decision, run } = input;
    const { executionArn } = run;
    const mail = outcomeMail(config, { outcome, decision, executionArn });
    await ports.notifications.send(executionArn, mail);
  }
  // After it was sent: a page that was not must not count as told. Remembered even where nobody is
  // told, so that it shows whether the same is said again or still.
  await ports.control.putPage(source, { subject, at: ports.now(), record });
}

/** A standing cause is found every minute by reconcile; one that stayed away so long came back. */
const silenceMilliseconds = 15 * 60_000;

type Manner = "always" | "on-change" | "remembered" | "silent";

function mannerOf({ outcome, decision }: OutcomeInput): Manner {
  switch (outcome) {
    case "switched":
    case "undone":
      return "always";
    case "failed":
      return "on-change";
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

function subjectOf(
  { outcome, decision, why }: OutcomeInput,
  { plan }: Recorded["outcome"],
): string {
  const reasons = [...(decision?.because ?? []), ...(decision?.blockedBy ?? [])].sort();
  const cause = outcome === "failed" ? [why] : [];
  return [outcome, plan?.direction ?? "none", ...reasons, ...cause].join(" ");
}
