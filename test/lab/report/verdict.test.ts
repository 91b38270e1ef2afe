import { describe, expect, test } from "vitest";
import { InvariantBook } from "../../../lab/checkers/book.ts";
import type { Checkers } from "../../../lab/checkers/checkers.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { drillResultSchema } from "../../../lab/report/result.ts";
import { drillResult, type Measured } from "../../../lab/report/verdict.ts";
import { checkScenario } from "../../../lab/scenarios/load.ts";
import { settings } from "../../core/world.ts";
import {
  failover,
  primary,
  type ScriptedLog,
  scriptedLog,
  settled,
  zero,
} from "../scripted-log.ts";
import { execution } from "./outcome.ts";

type Ended = Parameters<Checkers["claimEnded"]>[0];

function judged(
  script: ScriptedLog,
  expected: object = {},
  measured: Partial<Measured> = {},
  missing: AcknowledgedWrite[] = [],
) {
  const scenario = { name: "a", description: "D.", until: "10m", expect: expected };
  const loaded = checkScenario(scenario, "f.json", settings);
  const ended: Ended[] = [];
  const { events } = script.log;
  const result = drillResult(
    loaded,
    { config: loaded.config, zero, events, histories: [], missing },
    {
      seed: 7,
      endedAt: zero + 600_000,
      routing: settled,
      serving: ["us-west-2"],
      pendingApprovals: 0,
      counts: { requests: 9, failed: 3, acknowledgedWrites: 4 },
      book: new InvariantBook(script.log),
      wrongEffects: [],
      claimEnded: (run) => void ended.push(run),
      wallMilliseconds: 5,
      logSha256: "abc",
      ...measured,
    },
  );
  return { result, ended };
}

describe("the result of a drill", () => {
  test("passes where nothing was expected and nothing went wrong", () => {
    const { result } = judged(scriptedLog());
    expect(drillResultSchema.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      scenario: "a",
      seed: 7,
      passed: true,
      failures: [],
      virtualSeconds: 600,
      wallMilliseconds: 5,
      logSha256: "abc",
      activeRegion: "us-west-2",
      epoch: 2,
      switches: [],
      decisions: [],
      clients: {
        requests: 9,
        failed: 3,
        acknowledgedWrites: 4,
        lostWrites: 0,
        failedDuringPlanned: 0,
      },
      denied: [],
    });
    expect(result.invariants).toHaveLength(10);
    expect(Object.keys(result).slice(0, 4)).toEqual(["scenario", "seed", "passed", "failures"]);
  });

  test("has the primary active under epoch 0 while no routing state was written", () => {
    const { result } = judged(scriptedLog(), {}, { routing: null });
    expect(result).toMatchObject({ activeRegion: "us-east-1", epoch: 0 });
  });

  test("fails by each expectation that is not met, and takes Regions by role", () => {
    const script = scriptedLog();
    execution(script);
    const expected = { activeRegion: "primary", failovers: 1, lostWrites: 0, pendingApprovals: 0 };
    const lost: AcknowledgedWrite = {
      ...{ id: "1", kind: "order", client: 1, at: zero },
      ...{ region: primary, epoch: 1 },
    };
    const { result } = judged(script, expected, { pendingApprovals: 2 }, [lost]);
    expect(result.passed).toBe(false);
    expect(result.failures).toEqual([
      "At the end us-west-2 is active; expected us-east-1.",
      "Expected 0 approvals pending at the end; found 2.",
      "Expected at most 0 lost writes; found 1.",
    ]);
    expect(result.clients.lostWrites).toBe(1);
  });

  test("counts a switch that ends by the scenario's end, and none that ends after it", () => {
    const found = (to: number) => {
      const script = scriptedLog();
      execution(script, {}, { to });
      return judged(script, { failovers: 0 }).result.failures;
    };
    expect(found(600)).toEqual(["Expected 0 completed failovers; found 1."]);
    expect(found(601)).toEqual([]);
  });

  test("fails by a violated invariant although every expectation is met", () => {
    const script = scriptedLog();
    const book = new InvariantBook(script.log);
    book.record("converges", "It does not.");
    const { result } = judged(script, {}, { book });
    expect(result.failures).toEqual(["Invariant converges: It does not."]);
    expect(result.passed).toBe(false);
  });

  test("fails by a denied call, told once however often it was tried", () => {
    const script = scriptedLog();
    const call = { principal: "role", action: "sns:Publish", resource: "topic" };
    for (const second of [1, 2, 3]) script.emit(second, "denied", { ...call, more: second });
    script.emit(4, "denied", { ...call, action: "sns:Subscribe" });
    const { result } = judged(script);
    expect(result.denied).toEqual([call, { ...call, action: "sns:Subscribe" }]);
    expect(result.failures).toEqual([
      "role was denied sns:Publish on topic.",
      "role was denied sns:Subscribe on topic.",
    ]);
  });

  test("fails by what the lab itself could not do", () => {
    const script = scriptedLog();
    for (const second of [1, 2])
      script.emit(second, "not-modelled", { service: "sqs", operation: "SendMessage" });
    script.emit(3, "lab-defect", { service: "sns", why: "it fell over" });
    expect(judged(script).result.failures).toEqual([
      "The lab does not model sqs: SendMessage.",
      "The lab's sns broke: it fell over.",
    ]);
  });

  test("adds up the Route 53 calls of its switches", () => {
    const script = scriptedLog();
    script.emit(149, "route53-call", {});
    script.emit(150, "route53-call", {});
    execution(script);
    expect(judged(script, { route53ControlPlaneCalls: 0 }).result.failures).toEqual([
      "Expected at most 0 successful Route 53 API calls of switches; found 1.",
    ]);
  });
});

describe("control-plane-free", () => {
  test("is asked of each claim, with what was unreachable and whether it was completed", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: [primary] });
    execution(script);
    execution(script, { outcome: "undone" }, { arn: "undone", status: "FAILED" });
    expect(judged(script).ended).toEqual([
      { plan: failover, completed: true, unreachable: ["source"] },
      { plan: failover, completed: false, unreachable: ["source"] },
    ]);
  });

  test("does not call a run's planned death the source's", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: [primary] });
    script.emit(121, "crash", { function: "promote-target", invocation: 1 });
    execution(script, { outcome: "failed" }, { arn: "failed", status: "FAILED" });
    expect(judged(script).ended).toEqual([
      { plan: failover, completed: false, unreachable: ["other", "source"] },
    ]);
  });

  test("is not asked of a failover that a person had undone", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: [primary] });
    const undone = { execution: "undone", epoch: 2 };
    script.ledger(130, { ...undone, kind: "abort" });
    script.ledger(131, { ...undone, execution: "tried", kind: "undo" });
    for (const arn of ["undone", "tried"]) {
      execution(script, { outcome: "undone" }, { arn, status: "FAILED" });
    }
    expect(judged(script).ended).toEqual([
      { plan: failover, completed: false, unreachable: ["source"] },
    ]);
  });

  test("is not asked of holds, nor of a run that another took over from", () => {
    const script = scriptedLog();
    execution(script, { outcome: "held", claimedAt: null });
    execution(script, { outcome: "superseded" }, { arn: "superseded" });
    expect(judged(script).ended).toEqual([]);
  });
});
