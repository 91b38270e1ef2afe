// The shape of the decision table's cases, and the evidence that a case describes. Ages are in
// seconds before the decision; what a case does not say is as in the healthy world.
import { z } from "zod";
import type { Config, Region, Role } from "../../../core/config/schema.ts";
import { divergenceSummarySchema } from "../../../core/contracts/divergence.ts";
import {
  type ComponentName,
  type ComponentReport,
  componentNames,
  type Evidence,
} from "../../../core/contracts/evidence.ts";
import { viewVerdict } from "../../../core/contracts/records.ts";
import {
  automation,
  direction,
  leverPosition,
  type RoutingState,
  switchMode,
} from "../../../core/contracts/routing-state.ts";
import { approvalAnswerSchema, switchRequestSchema } from "../../../core/contracts/steps.ts";
import { leversFor } from "../../../core/desired-levers.ts";
import { initialState, servingNow } from "../../../core/plan.ts";
import { planOf } from "../../../core/plan-for.ts";
import { hasWriter } from "../../../core/writer.ts";
import { regionOf, report, roles, secondsAgo, servingRoles, world } from "../world.ts";

const perVantage = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    primary: value.optional(),
    secondary: value.optional(),
    witness: value.optional(),
  });
const perServing = <T extends z.ZodType>(value: T) =>
  z.strictObject({ primary: value.optional(), secondary: value.optional() });
const age = z.number().nullable();

export const givenSchema = z.strictObject({
  active: z.enum(servingRoles).default("primary"),
  /** Active-active: the Region that is out; and where the run gathers. */
  out: z.enum(servingRoles).optional(),
  gatheredIn: z.enum(servingRoles).default("secondary"),
  /** Of a serving Region, as seen from a vantage point; "absent": no report at all. */
  views: perServing(perVantage(z.enum([...viewVerdict.options, "absent"]))).prefault({}),
  stableSeconds: perServing(perVantage(age)).prefault({}),
  lookAge: age.default(2),
  evidenceAge: z.number().default(1),
  health: z.array(z.strictObject({ region: z.enum(servingRoles), age: z.number() })).default([]),
  /** Components of a serving Region that CloudWatch shows as failing; others are unknown. */
  components: perServing(z.array(z.enum(componentNames))).prefault({}),
  heartbeatAge: perServing(age).prefault({}),
  replicationAge: perServing(age).prefault({}),
  /** Divergence reports that nobody has acknowledged. */
  divergence: z
    .array(divergenceSummarySchema.pick({ epoch: true, status: true, detail: true, items: true }))
    .default([]),
  /** Eventual coordination: of the control table's heartbeats as the peer's replica shows them. */
  controlReplicationAge: perServing(age).optional(),
  writesPerSecond: z.number().nullable().default(1.5),
  dnsAnswers: z
    .union([z.enum(servingRoles), z.array(z.enum(servingRoles))])
    .nullable()
    .optional(),
  route53Reachable: z.boolean().default(true),
  levers: z
    .strictObject({
      switch: z.enum([...leverPosition.options, "unknown"]),
      drain: z.enum([...leverPosition.options, "unknown"]),
    })
    .optional(),
  switchAttempted: leverPosition.optional(),
  automation: automation.optional(),
  automaticSwitchAge: z.number().optional(),
  /** A recorded switch, how far it got, and how long ago its lease lapsed (negative: live). */
  switching: z
    .strictObject({
      direction,
      mode: switchMode,
      stage: z.enum(["claimed", "promoted", "restoring"]),
      lapsed: z.number(),
      /** Active-active: taken out or brought back. */
      region: z.enum(servingRoles).optional(),
    })
    .optional(),
});
type Given = z.infer<typeof givenSchema>;

export const caseSchema = z.strictObject({
  title: z.string(),
  config: z.record(z.string(), z.unknown()).optional(),
  given: givenSchema.prefault({}),
  request: switchRequestSchema.partial().prefault({}),
  approval: approvalAnswerSchema.optional(),
  /** Who asked to abort it. */
  aborted: z.string().optional(),
  expect: z.strictObject({
    kind: z.enum(["go", "ask", "hold"]),
    because: z.array(z.string()),
    blockedBy: z.array(z.string()).default([]),
    waived: z.array(z.string()).default([]),
    page: z.boolean().default(false),
    dryRun: z.boolean().default(false),
    intent: z.enum(["switch", "take-over"]).default("switch"),
    plan: z.enum(["failover", "failback"]).nullable(),
    mode: switchMode.optional(),
    /** Who serves after it. */
    after: z.array(z.enum(servingRoles)).optional(),
    lossSeconds: z.number().nullable().optional(),
    estimatedWrites: z.number().nullable().optional(),
    vouched: z.boolean().optional(),
  }),
});
export type DecisionCase = z.infer<typeof caseSchema>;

const agoOrNull = (seconds: number | null) => (seconds === null ? null : secondsAgo(seconds));

export function evidenceOf(given: Given, config: Config): Evidence {
  const at = (ages: Given["heartbeatAge"], otherwise: number) =>
    Object.fromEntries(servingRoles.map((r) => [regionOf(r), agoOrNull(pick(ages[r], otherwise))]));
  const routing = routingOf(given, config);
  const primary = regionOf("primary");
  const actual = given.levers === undefined ? {} : { [primary]: given.levers };
  const { dnsAnswers = rolesOf(config, servingNow(config, routing)) } = given;
  return world({
    at: secondsAgo(given.evidenceAge),
    gatheredIn: regionOf(given.gatheredIn),
    routing,
    reports: servingRoles.flatMap((serving) =>
      roles.flatMap((vantage) => reportOf(given, vantage, serving)),
    ),
    health: given.health.map(({ region, age: seconds }) => issue(regionOf(region), seconds)),
    components: servingRoles.flatMap((role) =>
      (given.components[role] ?? []).map((component) => failing(regionOf(role), component)),
    ),
    controlHeartbeats: at(given.heartbeatAge, 3),
    replication: at(given.replicationAge, 4),
    ...(given.controlReplicationAge === undefined
      ? {}
      : { controlReplication: at(given.controlReplicationAge, 4) }),
    dnsAnswers: dnsAnswers === null ? null : [dnsAnswers].flat().map(regionOf).sort(),
    route53Reachable: given.route53Reachable,
    levers: { ...routing.levers, ...actual },
    writesPerSecond: given.writesPerSecond,
    divergence: given.divergence.map((one) => ({
      ...{ ...one, source: regionOf("primary"), target: regionOf("secondary") },
      ...{ fenced: 0, discarded: one.items, hash: "h" },
    })),
  });
}

const pick = <T>(value: T | undefined, otherwise: T): T =>
  value === undefined ? otherwise : value;

function reportOf(given: Given, vantage: Role, serving: "primary" | "secondary") {
  const verdict = given.views[serving]?.[vantage] ?? "healthy";
  if (verdict === "absent") return [];
  const stable = pick(given.stableSeconds[serving]?.[vantage], 7200);
  const healthySince = verdict === "healthy" ? agoOrNull(stable) : null;
  return [report(vantage, serving, { verdict, healthySince, at: agoOrNull(given.lookAge) })];
}

const failing = (region: Region, component: ComponentName): ComponentReport => ({
  ...{ region, component, verdict: "failing", at: secondsAgo(60) },
  detail: "orders-api: 60 of 100 failed (60 %)",
});

const issue = (region: string, seconds: number) => ({
  eventArn: `arn:aws:health:${region}::event/LAMBDA/AWS_LAMBDA_OPERATIONAL_ISSUE/1`,
  region,
  service: "LAMBDA",
  eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
  startedAt: secondsAgo(seconds),
  updatedAt: secondsAgo(seconds),
  counts: true,
  why: "",
});

/** Before a switch that is under way. */
function servingOf(given: Given, config: Config): Region[] {
  if (config.topology === "active-passive") return [regionOf(given.active)];
  return servingRoles.filter((role) => role !== given.out).map(regionOf);
}

const rolesOf = (config: Config, regions: readonly Region[]) =>
  servingRoles.filter((role) => regions.includes(config.regions[role]));

function routingOf(given: Given, config: Config): RoutingState {
  const serving = servingOf(given, config);
  const [active = ""] = serving;
  const levers = leversFor(config, serving);
  const primary = regionOf("primary");
  const attempts = Object.entries(levers).map(([region, pair]) => [region, pair.switch] as const);
  const steady: RoutingState = {
    ...initialState(config, secondsAgo(86_400)),
    epoch: given.active === "primary" ? 1 : 2,
    active,
    writer: hasWriter(config) ? active : null,
    levers,
    switchAttempted: Object.fromEntries(attempts),
    automation: given.automation ?? config.automation,
    automaticSwitchAt: agoOrNull(given.automaticSwitchAge ?? null),
  };
  const state = given.switching ? switchingState(steady, given.switching, config) : steady;
  const attempted = given.switchAttempted ?? state.switchAttempted[primary] ?? "released";
  return { ...state, switchAttempted: { ...state.switchAttempted, [primary]: attempted } };
}

function switchingState(
  steady: RoutingState,
  { direction: towards, mode, stage, lapsed, region }: NonNullable<Given["switching"]>,
  config: Config,
): RoutingState {
  const serving = servingNow(config, steady);
  const named = region === undefined ? undefined : regionOf(region);
  const plan = planOf(config, towards, mode, { serving, region: named });
  const promoted = stage === "promoted";
  return {
    ...steady,
    epoch: steady.epoch + 1,
    active: promoted ? plan.target : steady.active,
    writer: promoted ? plan.target : null,
    phase: "switching",
    levers: leversFor(config, stage === "restoring" ? plan.before : plan.after),
    plan,
    lease: {
      executionArn: "arn:aws:states:us-west-2:1:execution:m:old",
      until: secondsAgo(lapsed),
    },
  };
}
