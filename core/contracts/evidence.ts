// What was observed, before anything follows from it. Missing is unknown (null or "unknown"),
// never healthy and never 0. All times are ms since 1970; each says on whose clock.
import * as z from "zod";
import { divergenceSummarySchema } from "./divergence.ts";
import { viewVerdict } from "./records.ts";
import { routingStateSchema } from "./routing-state.ts";

/** One walk of the journey in one serving Region from one vantage point. */
export const lookSchema = z.object({
  serving: z.string(),
  passed: z.boolean(),
  startedAt: z.number(),
  milliseconds: z.number(),
  /** First step that failed (health, write, read-back, public-name), null when passed. */
  failedStep: z.string().nullable(),
  /** What it answered, in words; empty when passed. */
  detail: z.string(),
});

/** What one vantage point's fresh looks (three by default) say of one serving Region. */
export const vantageReportSchema = z.object({
  vantage: z.string(),
  serving: z.string(),
  /** All looks failed: failing. All passed: healthy. Anything else, or no answer: unknown. */
  verdict: viewVerdict,
  looks: z.int(),
  passed: z.int(),
  /** End of the newest look, gatherer's clock; null if none answered. */
  at: z.number().nullable(),
  detail: z.string(),
  /** Since when the stored view has been healthy without interruption, gatherer's clock; null: it
   * is not, or it is unknown. The stability gate reads this. */
  healthySince: z.number().nullable(),
});

/** The newest canary run of a vantage point for a serving Region. Shown, and stored; the fresh
 * looks of the same vantage point are the vote. */
export const canaryRunSchema = z.object({
  vantage: z.string(),
  serving: z.string(),
  verdict: viewVerdict,
  at: z.number().nullable(),
});

/** An AWS Health event as stored. `counts`: an open issue of a service in use in a serving Region,
 * updated within 24 hours: a vote against `region`. `why` says why it counts or not. */
export const healthIssueSchema = z.object({
  eventArn: z.string(),
  region: z.string(),
  service: z.string(),
  eventTypeCode: z.string(),
  startedAt: z.number().nullable(),
  updatedAt: z.number(),
  counts: z.boolean(),
  why: z.string(),
});

/** What is counted of a serving Region by its own CloudWatch. */
export const componentNames = [
  "api-errors",
  "api-latency",
  "functions",
  "tables",
  "queue",
] as const;

/** What CloudWatch's metrics of the last minutes say of one component of a serving Region. Never an
 * outside view; all failing ones of a Region are one vote. */
export const componentReportSchema = z.object({
  region: z.string(),
  component: z.enum(componentNames),
  verdict: viewVerdict,
  /** Start of the newest minute that it rests on; null: no datapoint. */
  at: z.number().nullable(),
  /** What was counted, or why nothing follows from it. */
  detail: z.string(),
});

export const evidenceSchema = z.object({
  /** Gatherer's clock. */
  at: z.number(),
  gatheredIn: z.string(),
  /** By how many ms at most a vantage point's clock is ahead of the gatherer's (below zero:
   * behind), as its fresh looks tell; none where it did not answer. Absent: not measured, taken for
   * right. */
  clocksAhead: z.record(z.string(), z.number()).optional(),
  routing: routingStateSchema,
  /** Six entries: three vantage points by two serving Regions; absent ones count as unknown. */
  reports: z.array(vantageReportSchema),
  canaries: z.array(canaryRunSchema),
  health: z.array(healthIssueSchema),
  /** The Health API was asked, too, and answered; else what was stored is all that is known. */
  healthApiAnswered: z.boolean().optional(),
  /** Of both serving Regions; a component without an entry is unknown. */
  components: z.array(componentReportSchema).default([]),
  /** Control-table heartbeat of each serving Region, on its own clock; null: never seen. */
  controlHeartbeats: z.record(z.string(), z.number().nullable()),
  /** Eventual coordination alone: control-table heartbeat of each serving Region as its peer's
   * replica shows it, on its own clock; null: not seen, or the peer could not be read. */
  controlReplication: z.record(z.string(), z.number().nullable()).optional(),
  /** `replication["A"]`: oldest shard's heartbeat of A as visible at A's peer, on A's clock;
   * null: not seen, or the peer could not be read. */
  replication: z.record(z.string(), z.number().nullable()),
  /** Regions that the zone's own name servers send clients to, sorted; null: they could not be
   * asked. */
  dnsAnswers: z.array(z.string()).nullable(),
  /** Route 53's API answered a read just now. */
  route53Reachable: z.boolean(),
  /** As read from Route 53 (raw Inverted) and CloudWatch; "unknown" where it could not be read. */
  levers: z.record(
    z.string(),
    z.object({
      switch: z.enum(["pulled", "released", "unknown"]),
      drain: z.enum(["pulled", "released", "unknown"]),
    }),
  ),
  /** Writes a second that the active Region acknowledged lately, for the loss estimate. */
  writesPerSecond: z.number().nullable(),
  /** Divergence reports that nobody has acknowledged, the oldest first. */
  divergence: z.array(divergenceSummarySchema).default([]),
});

export type Look = z.infer<typeof lookSchema>;
export type VantageReport = z.infer<typeof vantageReportSchema>;
export type CanaryRun = z.infer<typeof canaryRunSchema>;
export type HealthIssue = z.infer<typeof healthIssueSchema>;
export type ComponentName = (typeof componentNames)[number];
export type ComponentReport = z.infer<typeof componentReportSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
