// One line of the story for each event that an SRE would want to read: when, where, what happened,
// and why. What the controller did is told in the ledger's own sentences.
import { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { ledgerEntrySchema } from "../../core/contracts/ledger.ts";
import type { LabEvent } from "../kernel.ts";

export interface Line {
  readonly region: Region | null;
  readonly text: string;
  readonly tone: "bad" | "good" | "key" | "plain";
}

/** A line and when it was: `times` more than 1 where the same was said again and again. */
export interface ToldLine extends Line {
  readonly at: number;
  readonly times: number;
  readonly lastAt: number;
}

/** The story from 0s on: what was said again, with little else to tell in between, is one line.
 * What stands against a Region wakes a run every minute: it is told once, until something else
 * happened. */
export function story(events: readonly LabEvent[], config: Config, zero: number): ToldLine[] {
  const lines: ToldLine[] = [];
  const woken = new Set<string>();
  for (const event of events) {
    const line = event.at < zero ? null : tell(event, config);
    if (!line) continue;
    if (event.kind !== "execution-started" && line.tone !== "key") woken.clear();
    if (event.kind === "execution-started") {
      if (woken.has(line.text)) continue;
      woken.add(line.text);
    }
    const index = saidBefore(lines, line);
    const before = lines[index];
    if (before !== undefined) {
      lines[index] = { ...before, times: before.times + 1, lastAt: event.at };
    } else {
      lines.push({ ...line, at: event.at, times: 1, lastAt: event.at });
    }
  }
  return lines;
}

/** Where the same Region said the same a moment ago, with at most three other lines since, all of
 * them Regions' own: what stands wakes runs, holds them and asserts levers minute by minute. */
function saidBefore(lines: readonly ToldLine[], { region, text }: Line): number {
  if (region === null) return lines.at(-1)?.text === text ? lines.length - 1 : -1;
  const outside = lines.findLastIndex((one) => one.region === null);
  const first = Math.max(outside + 1, lines.length - 4);
  return lines.findIndex((one, at) => at >= first && one.region === region && one.text === text);
}

type Detail = LabEvent["detail"];
type Teller = (event: LabEvent, config: Config) => Line | null;

/** Null: not part of the story. */
export function tell(event: LabEvent, config: Config): Line | null {
  return tellers[event.kind]?.(event, config) ?? null;
}

const text = (detail: Detail, key: string): string => String(detail[key] ?? "");

const fault: Teller = ({ region, detail }) => {
  const joint = detail.kind === "replication" ? " to " : " and ";
  const regions = Array.isArray(detail.regions) ? detail.regions.join(joint) : "";
  const isDirected = detail.kind === "replication";
  const where = region === null && regions ? ` ${isDirected ? "from" : "between"} ${regions}` : "";
  const how = detail.parameters ? ` (${text(detail, "parameters")})` : "";
  const note = detail.note ? `: ${text(detail, "note")}` : "";
  return { region, tone: "bad", text: `FAULT ${text(detail, "kind")}${where}${how}${note}` };
};

const heal: Teller = ({ region, detail }) => ({
  region,
  tone: "good",
  text: `HEALED ${text(detail, "id")}`,
});

const variablesSet: Teller = ({ region, detail }) => {
  const env = z.record(z.string(), z.string()).safeParse(detail.env).data ?? {};
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const note = detail.note ? `: ${text(detail, "note")}` : "";
  return { region, tone: "key", text: `SET ${text(detail, "function")} ${set.join(" ")}${note}` };
};

const crash: Teller = ({ region, detail }) => {
  const note = detail.note ? `: ${text(detail, "note")}` : "";
  const planned = `CRASH of ${text(detail, "function")}, invocation ${text(detail, "invocation")}`;
  const stopped = detail.arn === null ? "CRASH of no execution: none runs" : "CRASH region-switch";
  const what = detail.function === undefined ? stopped : `${planned} from now on`;
  return { region, tone: "bad", text: `${what}${note}` };
};

/** Only deaths: what a function threw is its own to tell. */
const died: Teller = ({ region, detail }) => {
  if (detail.errorType !== "Runtime.ExitError") return null;
  return { region, tone: "bad", text: `DIED before it returned: ${text(detail, "function")}` };
};

const operator: Teller = ({ region, detail }) => {
  const how = detail.dryRun === true ? `${text(detail, "mode")}, dry run` : text(detail, "mode");
  const of = detail.of === undefined ? "" : ` of ${text(detail, "of")}`;
  const mode = /^fail/.test(text(detail, "command")) ? `${of} (${how})` : "";
  return { region, tone: "key", text: `${text(detail, "by")}: ${text(detail, "command")}${mode}` };
};

const refused: Teller = ({ region, detail }) => ({
  region,
  tone: "bad",
  text: `refused: ${text(detail, "command")} by ${text(detail, "by")}: ${text(detail, "why")}`,
});

const dns: Teller = ({ detail }, config) => {
  if (text(detail, "name") !== config.domain.name || text(detail, "type") !== "A") return null;
  return {
    region: null,
    tone: "key",
    text:
      `Route 53 now answers ${text(detail, "answer").replaceAll(",", " and ")} ` +
      `for ${config.domain.name}`,
  };
};

const checkStatus: Teller = ({ detail }) => {
  const healthy = detail.healthy === true;
  const verdict = healthy ? "healthy" : "unhealthy";
  const tone = healthy ? "good" : "bad";
  return { region: null, tone, text: `health check ${text(detail, "name")} is ${verdict}` };
};

const checkUpdated: Teller = ({ detail }) => ({
  region: null,
  tone: "plain",
  text:
    `Route 53's API accepted ${text(detail, "name")} ` +
    `${detail.inverted === true ? "inverted" : "not inverted"} (version ${text(detail, "version")})`,
});

const healthEvent: Teller = ({ region, detail }) => {
  const issue = `${text(detail, "code")} in ${text(detail, "impacted")}`;
  return { region, tone: "key", text: `AWS Health: ${issue} is ${text(detail, "status")}` };
};

const notification: Teller = ({ region, detail }) => {
  const subject = text(detail, "subject");
  // Told to people as well, but no news for a reader who sees what recovered.
  if (subject.startsWith("OK:")) return null;
  return { region, tone: "key", text: `paged: ${subject}` };
};

const toneOfKind: { readonly [kind: string]: Line["tone"] } = {
  decision: "key",
  outcome: "good",
  undo: "bad",
};

const ledger: Teller = ({ region, detail }) => {
  const entry = ledgerEntrySchema.safeParse(detail.item).data;
  if (!entry || (entry.kind === "outcome" && saysItAgain(entry.sentence))) return null;
  return { region, tone: toneOfKind[entry.kind] ?? "plain", text: entry.sentence };
};

/** The outcome of a hold or a dry run says what its decision said a second before, unless it was
 * decided to ask and that was not done. */
const saysItAgain = (sentence: string) =>
  /^(Held|Dry run):/.test(sentence) && !sentence.includes("ApprovalNotAsked");

const signal = z.object({ input: z.object({ signal: z.string() }) });

/** An operator's own start is told by the command. */
const started: Teller = ({ region, detail }) => {
  const woke = signal.safeParse(detail).data?.input.signal;
  return woke === undefined ? null : { region, tone: "plain", text: `Woken by ${woke}` };
};

const ended: Teller = ({ region, detail }) => {
  const status = text(detail, "status");
  if (status === "SUCCEEDED") return null;
  const why = detail.error ? `: ${text(detail, "error")}` : "";
  return { region, tone: "bad", text: `region-switch ended ${status}${why}` };
};

const denied: Teller = ({ region, detail }) => {
  const call = `${text(detail, "action")} on ${text(detail, "resource")}`;
  return { region, tone: "bad", text: `DENIED ${call} to ${text(detail, "principal")}` };
};

const violated: Teller = ({ region, detail }) => ({
  region,
  tone: "bad",
  text: `INVARIANT ${text(detail, "name")} violated: ${text(detail, "sentence")}`,
});

const tellers: { readonly [kind: string]: Teller } = {
  fault,
  heal,
  crash,
  operator,
  denied,
  notification,
  "function-error": died,
  "operator-refused": refused,
  "variables-set": variablesSet,
  "dns-answer-changed": dns,
  "health-check-status": checkStatus,
  "health-check-updated": checkUpdated,
  "health-event": healthEvent,
  "item-written": ledger,
  "execution-ended": ended,
  "execution-started": started,
  "invariant-violated": violated,
};
