import { describe, expect, test } from "vitest";
import { planOf } from "../../../core/plan-for.ts";
import type { AcknowledgedWrite, ClientHistory } from "../../../lab/clients/history.ts";
import {
  completed,
  decisionsOf,
  type Facts,
  leverMoves,
  plannedFailures,
  type Run,
  route53Calls,
  routingAtEnd,
  runsOf,
  switchesOf,
} from "../../../lab/report/gather.ts";
import { unreachableDuring } from "../../../lab/report/unreachable.ts";
import {
  atSecond,
  config,
  failover,
  primary,
  promoted,
  run,
  type ScriptedLog,
  scriptedLog,
  secondary,
  steady,
  switching,
  zero,
} from "../scripted-log.ts";
import { execution } from "./outcome.ts";

const whileItRan = ({ outcome, startedAt, endedAt }: Run) => ({
  plan: outcome.plan ?? failover,
  from: startedAt,
  until: endedAt,
});

const factsOf = ({ log }: ScriptedLog, more: Partial<Facts> = {}): Facts => ({
  ...{ config, zero, events: log.events, histories: [], missing: [] },
  ...more,
});

/** A client whose requests begin at those seconds and take one; `failed` are the seconds. */
const client = (
  seconds: number[],
  failed: number[],
  ignoresTtl = false,
  kind: "read" | "write" = "read",
): ClientHistory => ({
  client: 1,
  ignoresTtl,
  requests: seconds.map((second) => ({
    at: atSecond(second),
    endedAt: atSecond(second + 1),
    outcome: failed.includes(second) ? "failed" : "ok",
    region: primary,
    kind,
  })),
});

const lost = (region: string, epoch: number | null): AcknowledgedWrite => ({
  ...{ id: "1", kind: "order", client: 1, at: zero },
  ...{ region, epoch },
});

describe("a switch of the result", () => {
  test("says what its execution says, in virtual seconds, and what clients saw", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: [primary] });
    execution(script);
    const histories = [
      client([100, 121, 188], [121]),
      client([100, 121, 299.5], [121], true),
      client([150, 165, 180], [165], false, "write"),
    ];
    expect(switchesOf(factsOf(script, { histories }))).toEqual([
      {
        direction: "failover",
        mode: "automatic",
        from: "us-east-1",
        to: "us-west-2",
        epoch: 2,
        executionArn: run,
        status: "SUCCEEDED",
        requestedBy: "signal:watch",
        impactAt: 120,
        signalAt: 150,
        decidedAt: 160,
        shiftedAt: 190,
        completedAt: 215,
        rtoSeconds: { p50: 61, p99: 69 },
        rtoSecondsAll: { p50: 69, p99: 180.5 },
        baseline: null,
        lossBoundSeconds: 18.5,
        lostWrites: 0,
        // From the write that failed at 165 to the next acknowledgement, not the machine's 12.
        writePauseSeconds: 16,
        levers: { switch: "effective", drain: "accepted" },
        route53ControlPlaneCalls: 0,
        stateTransitions: 3,
        because: ["quorum-reached"],
      },
    ]);
  });

  test("is told in true time, though the clocks of its Region were off", () => {
    const script = scriptedLog();
    script.emit(100, "clocks-set", { milliseconds: -45_000 }, secondary);
    execution(script);
    expect(switchesOf(factsOf(script))[0]).toMatchObject({
      decidedAt: 205,
      shiftedAt: 235,
      completedAt: 215,
    });
  });

  test("was not signalled after its run began, whatever the clock of the signal's sender showed", () => {
    const script = scriptedLog();
    execution(script, { signalAt: zero + 170_000 }, { from: 151 });
    execution(script, { signalAt: null }, { arn: "operator" });
    expect(switchesOf(factsOf(script)).map(({ signalAt }) => signalAt)).toEqual([151, null]);
  });

  test("that was planned has no impact and no RTO, whatever failed meanwhile", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "endpoint", regions: [primary] });
    execution(script, { plan: planOf(config, "failover", "planned") });
    const [one] = switchesOf(factsOf(script, { histories: [client([121, 188], [121])] }));
    expect(one).toMatchObject({
      impactAt: null,
      rtoSeconds: { p50: null, p99: null },
      rtoSecondsAll: { p50: null, p99: null },
    });
  });

  test("begins with the fault that stood at its source, not with one healed or elsewhere", () => {
    const script = scriptedLog();
    script.emit(10, "fault", { id: "healed", kind: "endpoint", regions: [primary] });
    script.emit(20, "heal", { id: "healed" });
    script.emit(30, "fault", { id: "elsewhere", kind: "endpoint", regions: [secondary] });
    script.emit(130, "fault", { id: "it", kind: "region-down", regions: [primary] });
    execution(script);
    const histories = [client([12, 35, 131, 200], [12, 35, 131])];
    expect(switchesOf(factsOf(script, { histories }))[0]?.impactAt).toBe(130);
  });

  test("is one that claimed an epoch: holds, dry runs and what was taken over are none", () => {
    const script = scriptedLog();
    execution(script, { outcome: "held", claimedAt: null }, { arn: "held" });
    execution(script, { outcome: "dry-run", claimedAt: null }, { arn: "dry" });
    execution(script, { outcome: "superseded" }, { arn: "superseded" });
    execution(script, { outcome: "undone" }, { arn: "undone", status: "FAILED" });
    execution(script, {}, { arn: "switched" });
    const switches = switchesOf(factsOf(script));
    expect(switches.map(({ executionArn }) => executionArn)).toEqual(["undone", "switched"]);
    expect(completed(switches).map(({ executionArn }) => executionArn)).toEqual(["switched"]);
  });

  test("is charged with the writes of its source that its epochs wrote, each once", () => {
    const script = scriptedLog();
    execution(script, {}, { arn: "there" });
    const back = planOf(config, "failback", "planned");
    execution(script, { plan: back, epoch: 3 }, { arn: "back", from: 900, to: 950 });
    execution(script, { epoch: 5 }, { arn: "again", from: 1800, to: 1850 });
    const missing = [
      lost(primary, 1),
      lost(primary, 1),
      lost(secondary, 2),
      lost(primary, 3),
      lost(primary, 4),
      lost(primary, 5),
    ];
    const charged = switchesOf(factsOf(script, { missing })).map(({ lostWrites }) => lostWrites);
    expect(charged).toEqual([2, 1, 2]);
  });
});

describe("a switch where both Regions served", () => {
  const both = { ...config, topology: "active-active", writes: "any-region" } as const;
  const plan = {
    ...failover,
    before: [primary, secondary],
    after: [secondary],
  };

  test("has the RTO of the clients of the Region that was left", () => {
    const script = scriptedLog();
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: [primary] });
    execution(script, { plan });
    const elsewhere = client([100, 121], []);
    const spared = {
      ...elsewhere,
      requests: elsewhere.requests.map((one) => ({ ...one, region: secondary })),
    };
    const histories = [client([100, 121, 188], [121]), spared];
    const [one] = switchesOf(factsOf(script, { config: both, histories }));
    expect(one).toMatchObject({ serving: [secondary], rtoSeconds: { p50: 69, p99: 69 } });
  });

  test("is charged by time with the writes of its source, as no epoch ends them", () => {
    const script = scriptedLog();
    execution(script, { plan });
    execution(script, { plan, epoch: 3 }, { arn: "again", from: 900, to: 950 });
    const at = (seconds: number, region = primary) => ({
      ...lost(region, 9),
      at: atSecond(seconds),
    });
    const missing = [at(100), at(214), at(215.5), at(216, secondary), at(951)];
    const charged = switchesOf(factsOf(script, { config: both, missing }));
    expect(charged.map(({ lostWrites }) => lostWrites)).toEqual([2, 1]);
  });
});

describe("runs", () => {
  test("are read from an execution's output or cause; one that says nothing is left out", () => {
    const script = scriptedLog();
    execution(script, {}, { states: 24 });
    execution(script, { outcome: "failed" }, { arn: "failed", status: "FAILED" });
    script.emit(300, "execution-ended", { arn: "aborted", status: "ABORTED", cause: "by hand" });
    script.emit(301, "execution-ended", { arn: "silent", status: "TIMED_OUT" });
    script.emit(302, "execution-ended", { arn: "other", status: "SUCCEEDED", output: '{"a":1}' });
    const runs = runsOf(script.log.events);
    expect(runs.map(({ arn, status, transitions }) => ({ arn, status, transitions }))).toEqual([
      { arn: run, status: "SUCCEEDED", transitions: 24 },
      { arn: "failed", status: "FAILED", transitions: 3 },
    ]);
    expect(runs[0]).toMatchObject({ startedAt: atSecond(150), endedAt: atSecond(215) });
  });

  test("are told what was unreachable while they ran", () => {
    const script = scriptedLog();
    const fault = (at: number, id: string, kind: string, regions: string[]) =>
      script.emit(at, "fault", { id, kind, regions });
    fault(1, "over", "partition", [secondary, "us-east-2"]);
    script.emit(2, "heal", { id: "over" });
    fault(3, "source", "region-down", [primary]);
    execution(script);
    const unreachable = () => {
      const [first] = runsOf(script.log.events);
      return first ? unreachableDuring(whileItRan(first), factsOf(script)) : null;
    };
    expect(unreachable()).toEqual(["source"]);
    fault(216, "late", "endpoint", [secondary]);
    expect(unreachable()).toEqual(["source"]);
  });

  test("are told of Route 53's API and of other Regions, also when they heal meanwhile", () => {
    const script = scriptedLog();
    script.emit(1, "fault", { id: "api", kind: "route53-control-plane", regions: [] });
    script.emit(150, "execution-started", { arn: run });
    script.emit(151, "fault", { id: "sick", kind: "endpoint", regions: [secondary] });
    script.emit(152, "heal", { id: "sick" });
    execution(script, {}, { from: 153 });
    const [first] = runsOf(script.log.events);
    const ran = first && { ...whileItRan(first), from: atSecond(150) };
    expect(ran && unreachableDuring(ran, factsOf(script))).toEqual([
      "route53-control-plane",
      "other",
    ]);
  });

  test("are told that a partition of the source concerns another Region too", () => {
    const script = scriptedLog();
    script.emit(1, "fault", { id: "a", kind: "partition", regions: [primary, secondary] });
    execution(script);
    const [first] = runsOf(script.log.events);
    expect(first && unreachableDuring(whileItRan(first), factsOf(script))).toEqual(["other"]);
  });

  test("count the Route 53 calls that succeeded from their start to their end", () => {
    const script = scriptedLog();
    script.emit(149, "route53-call", { operation: "POST healthcheck" });
    execution(script, {}, { to: 151 });
    for (const second of [151, 152]) script.emit(second, "route53-call", {});
    const [first] = runsOf(script.log.events);
    expect(first && route53Calls(first, script.log.events)).toBe(1);
  });
});

describe("decisions", () => {
  test("are the ledger's, in order, with when they were written", () => {
    const script = scriptedLog();
    const detail = { because: ["quorum-reached"], blockedBy: [], more: 1 };
    script.ledger(160.04, { kind: "decision", epoch: 1, detail: { kind: "go", ...detail } });
    script.ledger(161, { kind: "claim", epoch: 2, detail: { kind: "go", ...detail } });
    script.ledger(170, {
      kind: "decision",
      epoch: 1,
      execution: "another",
      detail: { kind: "hold", because: [], blockedBy: ["no-quorum"] },
    });
    expect(decisionsOf(factsOf(script))).toEqual([
      { at: 160, executionArn: run, kind: "go", because: ["quorum-reached"], blockedBy: [] },
      { at: 170, executionArn: "another", kind: "hold", because: [], blockedBy: ["no-quorum"] },
    ]);
  });
});

describe("the end", () => {
  test("is the routing state that was written last, and none before the first", () => {
    const script = scriptedLog();
    expect(routingAtEnd(script.log.events)).toBeNull();
    for (const state of [steady, switching, promoted]) script.routing(1, state);
    script.emit(2, "item-written", { sk: "heartbeat#us-east-1", item: {} });
    expect(routingAtEnd(script.log.events)).toEqual(promoted);
  });
});

describe("lever moves", () => {
  test("are changes of position, each lever for itself; what is republished is none", () => {
    const script = scriptedLog();
    script.lever(1, { position: "released" });
    script.lever(2.06);
    script.lever(3);
    script.lever(4, { lever: "switch" });
    script.lever(5, { position: "released" });
    expect(leverMoves(factsOf(script))).toEqual([
      { at: 2.1, lever: "drain lever of us-east-1" },
      { at: 4, lever: "switch lever of us-east-1" },
      { at: 5, lever: "drain lever of us-east-1" },
    ]);
  });
});

describe("requests that failed during planned switches", () => {
  const planned = planOf(config, "failover", "planned");

  test("count from the claim until stale DNS answers have ended", () => {
    const script = scriptedLog();
    execution(script, { plan: planned });
    const seconds = [160, 161.5, 170, 814, 816];
    expect(plannedFailures(factsOf(script, { histories: [client(seconds, seconds)] }))).toBe(3);
  });

  test("are none where the switch was not planned, or claimed nothing", () => {
    const script = scriptedLog();
    execution(script);
    execution(script, { plan: planned, claimedAt: null }, { arn: "held" });
    expect(plannedFailures(factsOf(script, { histories: [client([160], [160])] }))).toBe(0);
  });
});
