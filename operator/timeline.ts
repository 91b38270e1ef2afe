// An execution's history as people read it: what was seen, why, what changed, who. Made from what
// the machine assigned to its variables; a variable that this version doesn't know is left out.
import { z } from "zod";
import { evidenceSchema } from "../core/contracts/evidence.ts";
import {
  approvalAnswerSchema,
  claimSchema,
  decisionSchema,
  drainSchema,
  fenceSchema,
  promotionSchema,
  runOutcomeSchema,
  shiftSchema,
  switchRequestSchema,
  verificationSchema,
} from "../core/contracts/steps.ts";
import type { HistoryEvent } from "./aws/executions.ts";

export interface Entry {
  /** ms since 1970. */
  readonly at: number;
  /** Seen, why, changed, who, end, fault. */
  readonly kind: "who" | "seen" | "why" | "changed" | "fault" | "end";
  readonly sentence: string;
}

type Told = Omit<Entry, "at">;
const says = (kind: Entry["kind"], ...sentences: string[]): Told[] =>
  sentences.map((sentence) => ({ kind, sentence }));

/** `events`: oldest first. */
export function timelineOf(events: readonly HistoryEvent[]): Entry[] {
  return events.flatMap((event) => {
    const at = event.timestamp?.getTime() ?? 0;
    return toldBy(event).map((told) => ({ at, ...told }));
  });
}

function toldBy(event: HistoryEvent): Told[] {
  const { type } = event;
  if (type === "ExecutionStarted") return started(event.executionStartedEventDetails?.input);
  if (type === "ExecutionSucceeded") {
    return ended("SUCCEEDED", event.executionSucceededEventDetails?.output);
  }
  if (type === "ExecutionFailed") return ended("FAILED", event.executionFailedEventDetails?.cause);
  if (type === "ExecutionTimedOut") return says("end", "The run timed out: the next takes over.");
  if (type === "ExecutionAborted") return says("end", "The run was stopped: the next takes over.");
  if (event.stateEnteredEventDetails?.name === "AwaitApproval") {
    return says("who", "Waits for an operator's approval.");
  }
  const assigned = event.stateExitedEventDetails?.assignedVariables;
  // A parallel's end only hands on what its branches said already.
  if (assigned?.fence !== undefined && assigned.shift !== undefined) return [];
  if (assigned) return Object.entries(assigned).flatMap(([name, text]) => variable(name, text));
  return failed(event);
}

function started(input: string | undefined): Told[] {
  const request = parsed(switchRequestSchema, input);
  if (request === null) return says("who", "Started, with an input that can't be read.");
  const { direction = "switch", mode, requestedBy, region, reason, signal, dryRun } = request;
  const what = `${dryRun === true ? "dry run of a " : ""}${mode} ${direction}`;
  const of = region === undefined ? "" : ` of ${region}`;
  const why = reason ?? signal;
  return says("who", `${requestedBy}: ${what}${of}${why === undefined ? "" : ` (${why})`}.`);
}

function ended(status: string, text: string | undefined): Told[] {
  const outcome = parsed(runOutcomeSchema, text);
  return says("end", outcome?.sentence ?? `${status}${text === undefined ? "" : `: ${text}`}`);
}

const fault = z.object({ error: z.string().optional(), cause: z.string().optional() });

function failed(event: HistoryEvent): Told[] {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.lambdaFunctionFailedEventDetails;
  const told = fault.safeParse(details).data;
  if (details === undefined || told === undefined) return [];
  const message = z.object({ errorMessage: z.string() });
  const cause = parsed(message, told.cause)?.errorMessage ?? told.cause ?? "";
  return says("fault", `${told.error ?? "A task failed"}: ${cause.slice(0, 200)}`);
}

function variable(name: string, text: string): Told[] {
  switch (name) {
    case "evidence":
      return seen(parsed(evidenceSchema, text));
    case "decision":
      return says("why", ...(parsed(decisionSchema, text)?.sentences ?? []));
    case "approval":
      return answered(parsed(approvalAnswerSchema, text));
    case "claim":
      return claimed(parsed(claimSchema, text));
    case "fence":
    case "fenceNow":
      return fenced(parsed(fenceSchema, text));
    case "drain": {
      const drain = parsed(drainSchema, text);
      return drain === null ? [] : says("seen", drain.detail);
    }
    case "promotion": {
      const promotion = parsed(promotionSchema, text);
      return promotion === null ? [] : says("changed", `${promotion.writer} is the writer.`);
    }
    case "shift":
    case "shiftNow":
      return shifted(parsed(shiftSchema, text));
    case "verification":
      return verified(parsed(verificationSchema, text));
    default:
      return [];
  }
}

function seen(evidence: z.output<typeof evidenceSchema> | null): Told[] {
  if (evidence === null) return [];
  const regions = [...new Set(evidence.reports.map(({ serving }) => serving))];
  const looks = regions.map((region) => {
    const reports = evidence.reports.filter(({ serving }) => serving === region);
    const from = reports.map(({ vantage, verdict }) => `${verdict} from ${vantage}`);
    return `${region}: ${from.join(", ")}.`;
  });
  const dns = evidence.dnsAnswers === null ? "unknown" : evidence.dnsAnswers.join(" and ");
  const issues = evidence.health
    .filter(({ counts }) => counts)
    .map(({ region, service }) => `AWS Health: an open issue of ${service} in ${region}.`);
  return says("seen", ...looks, `Route 53 sends clients to: ${dns}.`, ...issues);
}

function answered(answer: z.output<typeof approvalAnswerSchema> | null): Told[] {
  if (answer === null) return [];
  const why = answer.reason === undefined ? "" : `: ${answer.reason}`;
  return says("who", `${answer.approved ? "Approved" : "Rejected"} by ${answer.by}${why}`);
}

function claimed(claim: z.output<typeof claimSchema> | null): Told[] {
  if (claim === null) return [];
  if (!claim.claimed) return says("seen", `Not claimed: ${claim.why}`);
  const { mode, direction, source, target } = claim.plan;
  const what = `${mode} ${direction} from ${source} to ${target}`;
  return says("changed", `Claimed epoch ${claim.epoch} (${claim.intent}): ${what}.`);
}

function fenced(fence: z.output<typeof fenceSchema> | null): Told[] {
  if (fence === null) return [];
  const wait = Math.round(fence.waitSeconds * 10) / 10;
  return says("changed", `Fences: ${wait} s from here no write gate of the source is open.`);
}

function shifted(shift: z.output<typeof shiftSchema> | null): Told[] {
  if (shift === null) return [];
  const { levers, detail } = shift;
  const stand = `Levers: switch ${levers.switch}, drain ${levers.drain}.`;
  return says("changed", detail === "" ? stand : `${stand} ${detail}`);
}

function verified(verification: z.output<typeof verificationSchema> | null): Told[] {
  if (verification === null) return [];
  const from = verification.answers.map(
    ({ vantage, region }) => `${region ?? "no answer"} from ${vantage}`,
  );
  return says("seen", `The public name answers ${from.join(", ")}.`);
}

/** null: not there, not JSON, or not of that shape. */
export function parsed<S extends z.ZodType>(
  schema: S,
  text: string | null | undefined,
): z.output<S> | null {
  if (text === undefined || text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
