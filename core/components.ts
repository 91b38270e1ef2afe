// From CloudWatch's datapoints of a serving Region to a verdict for each component: pure. Only
// whole minutes count, and the newest three that have data: CloudWatch is minutes late. Missing is
// unknown, never healthy and never 0. A healthy component vouches for nobody.
import {
  type ComponentRules,
  componentRules,
  type Series,
  type ShareRule,
  seriesKey,
} from "./component-metrics.ts";
import type { Config, Region } from "./config/schema.ts";
import type { ComponentName, ComponentReport } from "./contracts/evidence.ts";
import type { Verdict } from "./contracts/records.ts";
import type { RoutingState } from "./contracts/routing-state.ts";
import { servingRegions } from "./names.ts";
import { servingNow } from "./plan.ts";
import { hasWriter } from "./writer.ts";

/** `at`: start of the minute, ms since 1970. */
export type MinuteValue = { readonly at: number; readonly value: number };
/** By seriesKey. */
export type Readings = ReadonlyMap<string, readonly MinuteValue[]>;

const minute = 60_000;
/** Older datapoints are stale. Metrics arrive a minute or two late as a rule; five leave room. */
const windowMinutes = 5;
const minutesCounted = 3;

/** An idle Region is looked at by three vantage points every 10 s: 18 walks, and more requests, a
 * minute. A path that fails makes 54 failures in three minutes; one or two are no sign. */
const failuresMin = 10;
/** Walks and Route 53's checkers (16, every 10 s: 96 a minute) make about 130 requests a minute. If
 * every walk fails at its write, 18 of them fail: 14 %. Below 5 % most callers are served. */
const failingShare = 0.05;
/** Fewer attempts tell nothing: 5 % of them would be less than one. */
const attemptsMin = 20;
/** A message that can't be processed is gone from the queue after about six minutes (five tries, a
 * visibility timeout of 90 s apart): ten say that nobody empties it. */
const queueAgeSecondsMax = 600;
/** Longer than a switch takes from its claim to its promotion, while the target's gate refuses
 * writes: claim 25 s, fence 15 s and 8 s of waiting, fifteen drain rounds of at most 60 s with 58 s
 * between them, promotion 25 s are 1,031 s. Only a step that is tried again could take longer. */
const refusalsSeconds = 1_080;

/** Whole minutes, `to` exclusive. */
export function componentWindow(now: number): { from: number; to: number } {
  const to = Math.floor(now / minute) * minute;
  return { from: to - windowMinutes * minute, to };
}

export type ComponentFacts = {
  readonly routing: RoutingState;
  readonly apiFunction: string | null;
  /** Of each serving Region; null: its CloudWatch did not answer. */
  readonly readings: Readonly<Record<Region, Readings | null>>;
};

export function componentReports(config: Config, facts: ComponentFacts): ComponentReport[] {
  const rules = componentRules(config, facts.apiFunction);
  return servingRegions(config).flatMap((region) => {
    const readings = facts.readings[region] ?? null;
    const judged =
      readings === null ? unread(rules) : allOf(config, facts, region, readings, rules);
    return judged.map((one) => ({ region, ...one }));
  });
}

type Judged = Omit<ComponentReport, "region">;

function allOf(
  config: Config,
  { routing }: ComponentFacts,
  region: Region,
  readings: Readings,
  rules: ComponentRules,
): Judged[] {
  const answersSince = answersCountSince(config, routing, region);
  const shares = (component: ComponentName) =>
    together(
      component,
      rules.shares.filter((rule) => rule.component === component).map((r) => share(readings, r)),
    );
  const errors = rules.shares.filter(({ component }) => component === "api-errors");
  return [
    answersSince === null
      ? unknown("api-errors", "a gate that refuses writes by design answers 503")
      : together(
          "api-errors",
          errors.map((rule) => share(readings, rule, answersSince)),
        ),
    latency(readings, rules, (config.detection.stepTimeoutSeconds * 1000) / 2),
    shares("functions"),
    shares("tables"),
    ...(rules.queueAge === null ? [] : [queueAge(readings, rules.queueAge)]),
  ];
}

function unread({ queueAge: age }: ComponentRules): Judged[] {
  const names = ["api-errors", "api-latency", "functions", "tables"] as const;
  const all: readonly ComponentName[] = age === null ? names : [...names, "queue"];
  return all.map((component) => unknown(component, "CloudWatch did not answer"));
}

const unknown = (component: ComponentName, detail: string): Judged => ({
  ...{ component, verdict: "unknown", at: null, detail },
});

/** From when the API's answers say something of the Region, ms since 1970; null: they don't now. A
 * Region that doesn't serve, or that a switch has fenced or not yet promoted, refuses writes with
 * 503 by design; before epoch 2 there was no switch. */
function answersCountSince(config: Config, routing: RoutingState, region: Region): number | null {
  if (!servingNow(config, routing).includes(region)) return null;
  if (!hasWriter(config) || routing.epoch === 1) return 0;
  if (routing.phase !== "steady" || routing.writer !== region) return null;
  return routing.claimedAt + refusalsSeconds * 1000;
}

type Subject = { readonly verdict: Verdict; readonly at: number | null; readonly detail: string };

/** One that fails makes the component fail; healthy are all or none. */
function together(component: ComponentName, subjects: readonly Subject[]): Judged {
  const verdict = verdictOf(subjects);
  const telling = subjects.filter((one) => one.verdict === verdict);
  const times = telling.flatMap(({ at }) => (at === null ? [] : [at]));
  return {
    component,
    verdict,
    at: times.length === 0 ? null : Math.max(...times),
    detail: telling.map(({ detail }) => detail).join(", "),
  };
}

function verdictOf(subjects: readonly Subject[]): Verdict {
  if (subjects.some(({ verdict }) => verdict === "failing")) return "failing";
  const healthy = subjects.length > 0 && subjects.every(({ verdict }) => verdict === "healthy");
  return healthy ? "healthy" : "unknown";
}

/** Failing: over the counted minutes, and still in the newest of them. What has been counted so far
 * suffices for that; for healthy nothing may be missing. */
function share(readings: Readings, rule: ShareRule, since = 0): Subject {
  const { subject, failures, sparseFailures } = rule;
  const attempts = byMinute(readings, rule.attempts);
  const failed = byMinute(readings, [...failures, ...sparseFailures]);
  const minutes = newest(attempts).filter((at) => at >= since);
  const [last] = minutes;
  if (last === undefined) return { verdict: "unknown", at: null, detail: `${subject}: no data` };
  const all = sum(attempts, minutes);
  const bad = sum(failed, minutes);
  const nowFailing = (failed.get(last) ?? 0) >= failingShare * (attempts.get(last) ?? 0);
  const failing = bad >= failuresMin && bad >= failingShare * all && nowFailing;
  const complete = failures.every((series) => {
    const counted = byMinute(readings, [series]);
    return minutes.every((at) => counted.has(at));
  });
  const healthy = complete && all >= attemptsMin && bad < failingShare * all;
  const percent = all === 0 ? 0 : Math.round((100 * bad) / all);
  return {
    verdict: failing ? "failing" : healthy ? "healthy" : "unknown",
    at: last,
    detail: `${subject}: ${bad} of ${all} failed (${percent} %)`,
  };
}

/** The mean of all answers, fast ones like /health among them: where it is half of what a step of
 * the journey may take, many callers wait longer than that. */
function latency(readings: Readings, rules: ComponentRules, most: number): Judged {
  const component = "api-latency";
  const total = byMinute(readings, [rules.latency.total]);
  const count = byMinute(readings, [rules.latency.count]);
  const minutes = newest(count).filter((at) => total.has(at));
  const [last] = minutes;
  const answers = sum(count, minutes);
  if (last === undefined || answers < attemptsMin) return unknown(component, "too few answers");
  const mean = sum(total, minutes) / answers;
  const failing = mean >= most && (total.get(last) ?? 0) >= most * (count.get(last) ?? 0);
  const detail = `${Math.round(mean)} ms on average, limit ${Math.round(most)} ms`;
  const verdict = failing ? "failing" : mean < most ? "healthy" : "unknown";
  return { component, verdict, at: last, detail };
}

/** Failing where each counted minute, two at least, says so: after an outage the oldest message is
 * old, and soon gone. A queue that nobody uses publishes nothing. */
function queueAge(readings: Readings, series: Series): Judged {
  const component = "queue";
  const ages = byMinute(readings, [series]);
  const minutes = newest(ages);
  const [last] = minutes;
  if (last === undefined) return unknown(component, "no data");
  const values = minutes.map((at) => ages.get(at) ?? 0);
  const over = values.filter((age) => age >= queueAgeSecondsMax).length;
  const failing = minutes.length >= 2 && over === minutes.length;
  const verdict = failing ? "failing" : over === 0 ? "healthy" : "unknown";
  const detail = `oldest message ${Math.round(ages.get(last) ?? 0)} s old`;
  return { component, verdict, at: last, detail };
}

function byMinute(readings: Readings, all: readonly Series[]): Map<number, number> {
  const values = new Map<number, number>();
  for (const { at, value } of all.flatMap((series) => readings.get(seriesKey(series)) ?? [])) {
    values.set(at, (values.get(at) ?? 0) + value);
  }
  return values;
}

/** The newest minutes that have data, newest first. */
function newest(values: ReadonlyMap<number, number>): number[] {
  return [...values.keys()].sort((a, b) => b - a).slice(0, minutesCounted);
}

function sum(values: ReadonlyMap<number, number>, minutes: readonly number[]): number {
  return minutes.reduce((total, at) => total + (values.get(at) ?? 0), 0);
}
