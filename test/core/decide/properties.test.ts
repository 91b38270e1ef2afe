// What must hold for any evidence, not only for the table's: worse evidence never makes a decision
// bolder, and what is not known never does. Boldness goes hold, ask, go. A failure prints its seed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import {
  componentNames,
  type Evidence,
  type VantageReport,
} from "../../../core/contracts/evidence.ts";
import type { Decision, SwitchRequest } from "../../../core/contracts/steps.ts";
import { decide } from "../../../core/decide.ts";
import { neverLeavesHealthy } from "../../../core/invariants.ts";
import { planFor } from "../../../core/plan-for.ts";
import { votesAgainst } from "../../../core/votes.ts";
import { configOf, now, roles, servingRoles } from "../world.ts";
import { evidenceOf, givenSchema } from "./case.ts";

const runs = { numRuns: 2000 };
const verdict = fc.constantFrom("healthy", "failing", "unknown", "absent");
const perVantage = fc.record({ primary: verdict, secondary: verdict, witness: verdict });
const age = fc.option(fc.integer({ min: 0, max: 120 }), { nil: null });
const stable = fc.constantFrom(null, 0, 60, 1799, 1800, 7200);
const stableSeconds = fc.record({ primary: stable, secondary: stable, witness: stable });
const failing = fc.subarray([...componentNames], { maxLength: 2 });

const givens = fc.record({
  active: fc.constantFrom(...servingRoles),
  out: fc.constantFrom(undefined, ...servingRoles),
  gatheredIn: fc.constantFrom(...servingRoles),
  views: fc.record({ primary: perVantage, secondary: perVantage }),
  stableSeconds: fc.record({ primary: stableSeconds, secondary: stableSeconds }),
  lookAge: fc.constantFrom(null, 0, 2, 59, 61),
  evidenceAge: fc.constantFrom(0, 1, 59, 61),
  health: fc.array(
    fc.record({
      region: fc.constantFrom(...servingRoles),
      age: fc.constantFrom(0, 86_399, 86_401),
    }),
    { maxLength: 2 },
  ),
  components: fc.record({ primary: failing, secondary: failing }),
  heartbeatAge: fc.record({ primary: age, secondary: age }),
  replicationAge: fc.record({ primary: age, secondary: age }),
  dnsAnswers: fc.constantFrom("primary", "secondary", null),
  route53Reachable: fc.boolean(),
  automation: fc.constantFrom("armed", "approval", "shadow", "paused"),
});
const configs = fc
  .record({
    quorum: fc.constantFrom(1, 2, 3),
    onLossUnknown: fc.constantFrom("ask", "hold", "proceed"),
    stabilitySeconds: fc.constantFrom(0, 1800),
    topology: fc.constantFrom("active-passive", "active-active"),
  })
  .map(({ quorum, topology, ...policy }) => configOf({ detection: { quorum }, policy, topology }));

const requests: fc.Arbitrary<SwitchRequest> = fc.record({
  mode: fc.constantFrom("automatic", "planned", "forced"),
  requestedBy: fc.constant("property"),
});
const automatic: fc.Arbitrary<SwitchRequest> = fc.constant({
  mode: "automatic",
  requestedBy: "property",
});

const situations = fc
  .tuple(givens, configs)
  .map(([given, config]) => ({ config, evidence: evidenceOf(givenSchema.parse(given), config) }));

const decided = (evidence: Evidence, request: SwitchRequest, config: Config): Decision =>
  decide({ request, evidence, approval: null }, config, now);
const boldness = ({ kind }: Decision) => ["hold", "ask", "go"].indexOf(kind);

const serving = (config: Config, evidence: Evidence, request: SwitchRequest) =>
  planFor(config, evidence, request);

function withReports(
  evidence: Evidence,
  change: (report: VantageReport) => VantageReport,
): Evidence {
  return { ...evidence, reports: evidence.reports.map(change) };
}

describe("For any evidence", { timeout: 60_000 }, () => {
  it("an automatic switch never leaves a Region that looks no worse than healthy.", () => {
    fc.assert(
      fc.property(situations, automatic, ({ config, evidence }, request) => {
        const { kind, plan, intent } = decided(evidence, request, config);
        if (plan === null) return;
        expect(neverLeavesHealthy({ config, evidence, kind, plan, intent })).toBeNull();
      }),
      runs,
    );
  });

  it("nothing but force goes to a target that nobody fresh vouches for.", () => {
    fc.assert(
      fc.property(situations, requests, ({ config, evidence }, request) => {
        const decision = decided(evidence, request, config);
        if (decision.kind === "hold" || request.mode === "forced") return;
        expect(decision.vouchedAt).toBeGreaterThanOrEqual(now - 60_000);
      }),
      runs,
    );
  });

  it("a sicker target never makes a switch bolder.", () => {
    fc.assert(
      fc.property(
        situations,
        requests,
        fc.constantFrom(...roles),
        ({ config, evidence }, request, role) => {
          const { source, target } = serving(config, evidence, request);
          const vantage = config.regions[role];
          fc.pre(vantage !== source); // What the source says of the target may count for nothing.
          const worse = withReports(evidence, (r) =>
            r.vantage === vantage && r.serving === target
              ? { ...r, verdict: "failing", healthySince: null }
              : r,
          );
          expect(boldness(decided(worse, request, config))).toBeLessThanOrEqual(
            boldness(decided(evidence, request, config)),
          );
        },
      ),
      runs,
    );
  });

  it("a target that becomes unknown never makes a switch bolder than a healthy one.", () => {
    fc.assert(
      fc.property(
        situations,
        requests,
        fc.constantFrom(...roles),
        ({ config, evidence }, request, role) => {
          const { target } = serving(config, evidence, request);
          const at = (verdict: "healthy" | "unknown") =>
            withReports(evidence, (r) =>
              r.vantage === config.regions[role] && r.serving === target
                ? { ...r, verdict, healthySince: verdict === "unknown" ? null : r.healthySince }
                : r,
            );
          // The target's own unknown view may take a vote against it away, and with the quorum its
          // voice as the peer; that voice is only of interest where the source vouches or vetoes.
          fc.pre(config.regions[role] !== target);
          expect(boldness(decided(at("unknown"), request, config))).toBeLessThanOrEqual(
            boldness(decided(at("healthy"), request, config)),
          );
        },
      ),
      runs,
    );
  });

  it("an unknown view of the source never moves traffic that a failing one would not.", () => {
    fc.assert(
      fc.property(
        situations,
        automatic,
        fc.constantFrom(...roles),
        ({ config, evidence }, request, role) => {
          const { source } = serving(config, evidence, request);
          const at = (verdict: "failing" | "unknown") =>
            withReports(evidence, (r) =>
              r.vantage === config.regions[role] && r.serving === source
                ? { ...r, verdict, healthySince: null }
                : r,
            );
          const unknown = decided(at("unknown"), request, config);
          const failing = decided(at("failing"), request, config);
          // With its quorum the source loses its voice about the target, vouching included.
          fc.pre(failing.vouchedAt !== null || unknown.vouchedAt === null);
          expect(boldness(unknown)).toBeLessThanOrEqual(boldness(failing));
        },
      ),
      runs,
    );
  });

  it("facts that go missing never make a decision bolder.", () => {
    const missing: readonly ((evidence: Evidence) => Partial<Evidence>)[] = [
      () => ({ controlHeartbeats: {} }),
      () => ({ replication: {} }),
      () => ({ dnsAnswers: null }),
      () => ({ route53Reachable: false }),
      () => ({ levers: {} }),
      (e) => ({ reports: e.reports.map((r) => ({ ...r, at: null })) }),
      (e) => ({ reports: e.reports.map((r) => ({ ...r, healthySince: null })) }),
      () => ({ at: now - 61_000 }),
    ];
    fc.assert(
      fc.property(
        situations,
        requests,
        fc.constantFrom(...missing),
        ({ config, evidence }, request, without) => {
          const less = { ...evidence, ...without(evidence) };
          // A Region that loses the quorum against it regains its voice: another situation.
          const { source } = serving(config, evidence, request);
          const quorum = (e: Evidence) => votesAgainst(config, e, source, now).quorum;
          fc.pre(request.mode === "automatic" || quorum(less) === quorum(evidence));
          expect(boldness(decided(less, request, config))).toBeLessThanOrEqual(
            boldness(decided(evidence, request, config)),
          );
        },
      ),
      runs,
    );
  });

  it("an older heartbeat of the source at the target never makes a failover bolder.", () => {
    fc.assert(
      fc.property(
        situations,
        automatic,
        fc.integer({ min: 0, max: 100_000 }),
        ({ config, evidence }, request, older) => {
          const { source } = serving(config, evidence, request);
          const seen = evidence.replication[source] ?? null;
          fc.pre(seen !== null);
          const replication = { ...evidence.replication, [source]: (seen ?? 0) - older };
          expect(
            boldness(decided({ ...evidence, replication }, request, config)),
          ).toBeLessThanOrEqual(boldness(decided(evidence, request, config)));
        },
      ),
      runs,
    );
  });

  it("a Health issue at the target never makes a switch bolder.", () => {
    fc.assert(
      fc.property(situations, automatic, ({ config, evidence }, request) => {
        const { target } = serving(config, evidence, request);
        const [issue] = evidenceOf(
          givenSchema.parse({
            health: [
              { region: target === config.regions.primary ? "primary" : "secondary", age: 1 },
            ],
          }),
          config,
        ).health;
        const health = issue === undefined ? [] : [...evidence.health, issue];
        expect(boldness(decided({ ...evidence, health }, request, config))).toBeLessThanOrEqual(
          boldness(decided(evidence, request, config)),
        );
      }),
      runs,
    );
  });

  it("an approval that names nothing changes nothing.", () => {
    fc.assert(
      fc.property(situations, requests, ({ config, evidence }, request) => {
        const approval = { approved: true, by: "ops", waives: [] };
        expect(decide({ request, evidence, approval }, config, now)).toEqual(
          decided(evidence, request, config),
        );
      }),
      runs,
    );
  });
});
