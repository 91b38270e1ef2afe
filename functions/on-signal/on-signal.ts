// What an event means: our own signals, AWS Health events, alarms of the canaries. A Health event
// is stored before anything else, in whichever Region it arrives, and may be the only copy.
import * as z from "zod";
import type { Config } from "../../core/config/schema.ts";
import { signalSchema } from "../../core/contracts/signal.ts";
import { parseHealthEvent } from "../../core/health.ts";
import { eventSource, servingRegions, signalDetailType } from "../../core/names.ts";
import type { HealthIssues } from "../adapters/health-issues.ts";
import { type Started, type StartPorts, startRun, type WakeUp } from "./start-run.ts";

export const eventSchema = z.looseObject({
  source: z.string(),
  "detail-type": z.string(),
  /** ISO 8601, whole seconds. */
  time: z.string().optional(),
  detail: z.unknown(),
});
export type IncomingEvent = z.output<typeof eventSchema>;

export interface SignalPorts extends StartPorts {
  readonly health: Pick<HealthIssues, "store">;
}

const alarmSchema = z.object({
  alarmName: z.string(),
  state: z.object({ value: z.string() }),
});

export async function onSignal(event: IncomingEvent, ports: SignalPorts): Promise<Started> {
  const wakeUp = await wakeUpOf(event, ports);
  return "why" in wakeUp ? { started: false, why: wakeUp.why } : startRun(ports, wakeUp);
}

async function wakeUpOf(
  event: IncomingEvent,
  ports: SignalPorts,
): Promise<WakeUp | { readonly why: string }> {
  if (event.source === "aws.health") return wakeUpOfHealth(event, ports);
  if (event.source === "aws.cloudwatch") return wakeUpOfAlarm(event);
  if (event.source === eventSource(ports.config) && event["detail-type"] === signalDetailType) {
    return wakeUpOfSignal(event);
  }
  return { why: `Events of ${event.source} mean nothing here.` };
}

function wakeUpOfSignal(event: IncomingEvent): WakeUp {
  const { kind, from, against, detail, at } = signalSchema.parse(event.detail);
  return { kind, against, words: `${kind}:${from} ${detail}`, at };
}

function wakeUpOfAlarm(event: IncomingEvent): WakeUp | { why: string } {
  const { alarmName, state } = alarmSchema.parse(event.detail);
  if (state.value !== "ALARM") return { why: `${alarmName} is ${state.value}.` };
  // A canary walks the journey in both Regions: which of them fails, the run sees itself.
  return { kind: "canary", against: null, words: `canary:${alarmName}`, at: timeOf(event) };
}

async function wakeUpOfHealth(
  event: IncomingEvent,
  ports: SignalPorts,
): Promise<WakeUp | { why: string }> {
  const issue = parseHealthEvent(event, ports.config, ports.now());
  if (issue === null) return { why: "It is no AWS Health event." };
  if (!isOurs(issue.region, ports.config)) return { why: `${issue.region} does not serve.` };
  await ports.health.store(issue);
  // Also when it was stored before: the copy in the other Region's bus may have come first, and
  // there the active Region stored it and started nothing.
  if (!issue.counts) return { why: issue.why };
  return {
    kind: "health",
    against: issue.region,
    words: `health:${issue.service} ${issue.eventTypeCode} in ${issue.region}`,
    at: timeOf(event),
  };
}

function timeOf({ time }: IncomingEvent): number | null {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? null : at;
}

function isOurs(region: string, config: Config): boolean {
  return servingRegions(config).includes(region);
}
