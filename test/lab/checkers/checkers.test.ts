// Each invariant as the drill checks it: a story in the log that must violate it, and the same
// story without its fault, which must not. What the predicates themselves say is tested in
// test/core/invariants.test.ts; here it is what they are shown.
import { describe, expect, test } from "vitest";
import type { Config, Region } from "../../../core/config/schema.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import type { InvariantName } from "../../../core/invariants.ts";
import { planOf } from "../../../core/plan-for.ts";
import { Checkers } from "../../../lab/checkers/checkers.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import type { Json } from "../../../lab/kernel.ts";
import { report, world } from "../../core/world.ts";
import {
  config as activePassive,
  atSecond,
  failover,
  primary,
  promoted,
  run,
  scriptedLog,
  secondary,
  settled,
  steady,
  switching,
  witness,
  zero,
} from "../scripted-log.ts";

function checking(config: Config = activePassive) {
  const script = scriptedLog();
  const world = {
    dns: [primary] as Region[] | null,
    pending: 0,
    orders: new Map<Region, { pk: string; sk: string; writtenAt: number }[]>(),
    acknowledged: [] as AcknowledgedWrite[],
  };
  const checkers = new Checkers({
    config,
    log: script.log,
    startedAt: zero,
    dnsAnswers: () => world.dns,
    pendingApprovals: () => world.pending,
    acknowledged: () => world.acknowledged,
    readAll(table, region) {
      if (table !== "orders-application") throw new Error(`nobody planned a read of ${table}`);
      return world.orders.get(region) ?? [];
    },
  });
  const of = (name: InvariantName) => {
    const count = checkers.book.counts().find((one) => one.name === name);
    const start = `Invariant ${name}: `;
    const sentences = checkers.book.sentences().filter((one) => one.startsWith(start));
    return { checked: count?.checked, wrong: sentences.map((one) => one.slice(start.length)) };
  };
  return { script, checkers, world, of };
}
type Checking = ReturnType<typeof checking>;
const activeActive = { ...activePassive, topology: "active-active", writes: "any-region" } as const;
const released = { switch: "released", drain: "released" } as const;

/** A claim of epoch 2 as it should go: vouched for, in the ledger, then in the routing state. */
function claimed({ script }: Checking): void {
  script.routing(0, steady);
  script.look(5, witness, secondary);
  script.ledger(9, { kind: "claim", epoch: 2 });
  script.routing(10, switching);
  script.claim(10);
}

function pulled({ script }: Checking): void {
  script.ledger(11, {
    kind: "pull-lever",
    epoch: 2,
    detail: { region: primary, lever: "drain" },
  });
  script.lever(12);
}

describe("1, some-region-serves", () => {
  test("holds while the one pulled Region's other is vouched for", () => {
    const here = checking();
    claimed(here);
    pulled(here);
    expect(here.of("some-region-serves")).toEqual({ checked: 2, wrong: [] });
  });

  test("is violated by a pull that no look of the last 60 s vouches for", () => {
    const here = checking();
    here.script.routing(0, switching);
    here.script.look(5, secondary, secondary);
    here.script.lever(12);
    expect(here.of("some-region-serves").wrong).toEqual([
      "A lever of us-east-1 is pulled, and nobody vouches for the other Region.",
    ]);
  });

  test("is violated when the second Region goes out too, however well vouched for", () => {
    const here = checking();
    claimed(here);
    pulled(here);
    here.script.look(13, witness, primary);
    here.script.lever(14, { region: secondary, lever: "switch" });
    expect(here.of("some-region-serves").wrong).toEqual([
      "All of us-east-1 and us-west-2 are out by our levers.",
    ]);
  });
});

describe("2, one-writer-per-epoch", () => {
  const write = (region: Region, epoch: number, seconds: number) => ({
    region,
    epoch,
    at: atSecond(seconds),
  });

  test("holds while the Regions take turns by epoch", () => {
    const { checkers, of } = checking();
    for (const [region, epoch] of [
      [primary, 1],
      [primary, 1],
      [secondary, 2],
    ] as const)
      checkers.customerWrite(write(region, epoch, epoch));
    expect(of("one-writer-per-epoch")).toEqual({ checked: 3, wrong: [] });
  });

  test("is violated by two Regions that write under one epoch", () => {
    const { checkers, of } = checking();
    checkers.customerWrite(write(primary, 1, 1));
    checkers.customerWrite(write(secondary, 1, 2));
    expect(of("one-writer-per-epoch").wrong).toEqual([
      "Writes of epoch 1 come from us-east-1 and from us-west-2.",
    ]);
  });

  test("is violated by a straggler of the old epoch", () => {
    const { checkers, of } = checking();
    checkers.customerWrite(write(primary, 1, 1));
    checkers.customerWrite(write(secondary, 2, 2));
    checkers.customerWrite(write(primary, 1, 3));
    expect(of("one-writer-per-epoch").wrong).toEqual([
      "us-east-1 applied a write of epoch 1 after us-west-2's first of 2.",
    ]);
  });
});

describe("where any Region may write", () => {
  test("there is no writer to judge, and no loss at its taking over", () => {
    const { checkers, of } = checking({ ...activePassive, writes: "any-region" });
    checkers.customerWrite({ region: primary, epoch: 1, at: atSecond(1) });
    checkers.customerWrite({ region: secondary, epoch: 1, at: atSecond(2) });
    checkers.finish();
    for (const name of ["one-writer-per-epoch", "planned-loses-nothing", "bounded-loss"] as const)
      expect(of(name)).toEqual({ checked: 0, wrong: [] });
  });
});

describe("where both Regions serve", () => {
  const both: RoutingState = {
    ...steady,
    writer: null,
    levers: { [primary]: released, [secondary]: released },
  };
  const pull = (region: Region) => ({ region, lever: "drain", position: "pulled" });

  test("either may be taken out, towards its peer", () => {
    for (const region of [primary, secondary]) {
      const here = checking(activeActive);
      here.script.routing(0, both);
      here.script.look(5, witness, region === primary ? secondary : primary);
      here.script.lever(12, pull(region));
      expect(here.of("fit-target")).toEqual({ checked: 1, wrong: [] });
      expect(here.of("some-region-serves").wrong).toEqual([]);
    }
  });

  test("neither is taken out towards a peer that nobody vouches for, nor after it", () => {
    const here = checking(activeActive);
    here.script.routing(0, both);
    here.script.look(5, witness, primary);
    here.script.lever(12, pull(primary));
    expect(here.of("fit-target").wrong).toEqual([
      "A lever moves traffic to us-west-2, unvouched for.",
    ]);
    here.script.lever(13, pull(secondary));
    expect(here.of("some-region-serves").wrong).toContain(
      "All of us-east-1 and us-west-2 are out by our levers.",
    );
  });

  test("a release brings its Region back, which must be vouched for", () => {
    const here = checking(activeActive);
    here.script.routing(0, both);
    here.script.look(5, witness, primary);
    here.script.lever(12, pull(secondary));
    here.script.lever(80, { ...pull(secondary), position: "released" });
    expect(here.of("fit-target").wrong).toEqual([
      "A lever moves traffic to us-west-2, unvouched for.",
    ]);
  });

  test("DNS comes to rest at both, and a drained one is not answered", () => {
    const here = checking(activeActive);
    here.script.routing(0, both);
    here.world.dns = [primary, secondary];
    here.checkers.converge(atSecond(900));
    expect(here.of("converges")).toEqual({ checked: 1, wrong: [] });
    here.world.dns = [primary];
    here.checkers.converge(atSecond(901));
    expect(here.of("converges").wrong).toHaveLength(1);
  });
});

describe("3, fit-target", () => {
  test("holds up to 60 s after the look, and for a latch that is re-asserted later", () => {
    const here = checking();
    claimed(here);
    here.script.lever(65);
    here.script.lever(500, { republished: true });
    here.script.lever(501, { lever: "switch" });
    expect(here.of("fit-target")).toEqual({ checked: 3, wrong: [] });
  });

  test("is violated by a pull after more than 60 s, and by a target never seen healthy", () => {
    const late = checking();
    claimed(late);
    late.script.lever(66);
    expect(late.of("fit-target").wrong).toEqual([
      "The look that vouches for us-west-2 is 61 s old.",
    ]);
    const unseen = checking();
    unseen.script.look(5, witness, secondary, false);
    unseen.script.lever(6);
    expect(unseen.of("fit-target").wrong).toEqual([
      "A lever moves traffic to us-west-2, unvouched for.",
    ]);
  });

  test("is violated when a newer look of the vouching vantage point failed", () => {
    const here = checking();
    claimed(here);
    here.script.look(11, witness, secondary, false);
    pulled(here);
    expect(here.of("fit-target").wrong).toEqual([
      "A lever moves traffic to us-west-2, unvouched for.",
    ]);
  });

  test("looks at the released Region when a release brings it back", () => {
    const here = checking();
    claimed(here);
    pulled(here);
    here.script.lever(20, { position: "released" });
    expect(here.of("fit-target").wrong).toEqual([
      "A lever moves traffic to us-east-1, unvouched for.",
    ]);
  });

  test("does not bind a forced switch", () => {
    const here = checking();
    here.script.routing(0, { ...switching, plan: planOf(activePassive, "failover", "forced") });
    here.script.lever(1);
    expect(here.of("fit-target")).toEqual({ checked: 1, wrong: [] });
    expect(here.of("some-region-serves").wrong).toEqual([]);
  });
});

/** The secondary accepts its first write of epoch 2 while one order of the primary is missing. */
function firstWriteWithout(here: Checking, writtenAtSecond: number): void {
  const order = { pk: "order#1", sk: "order", writtenAt: atSecond(writtenAtSecond) };
  here.world.orders.set(primary, [order]);
  here.world.acknowledged.push({
    id: "1",
    kind: "order",
    client: 1,
    at: atSecond(writtenAtSecond) + 100,
    region: primary,
    epoch: 1,
  });
  here.checkers.customerWrite({ region: primary, epoch: 1, at: atSecond(writtenAtSecond) });
  here.checkers.customerWrite({ region: secondary, epoch: 2, at: atSecond(30) });
}

describe("4, planned-loses-nothing", () => {
  const planned = planOf(activePassive, "failover", "planned");

  test("holds when the target has what the source acknowledged", () => {
    const here = checking();
    here.script.claim(10, { plan: planned });
    here.world.orders.set(secondary, [{ pk: "order#1", sk: "order", writtenAt: zero }]);
    firstWriteWithout(here, 8);
    expect(here.of("planned-loses-nothing")).toEqual({ checked: 1, wrong: [] });
  });

  test("is violated by one write that the target lacks when it first accepts one", () => {
    const here = checking();
    here.script.claim(10, { plan: planned });
    firstWriteWithout(here, 8);
    expect(here.of("planned-loses-nothing").wrong).toEqual(["A planned switch lost 1 writes (1)."]);
  });

  test("asks nothing of an unplanned switch", () => {
    const here = checking();
    here.script.claim(10);
    firstWriteWithout(here, 8);
    expect(here.of("planned-loses-nothing")).toEqual({ checked: 1, wrong: [] });
  });
});

describe("5, bounded-loss", () => {
  const unknown = { seconds: null, estimatedWrites: null, newestAtTarget: null, stopBound: null };

  test("holds for a loss inside the window that the claim stated", () => {
    const here = checking();
    here.script.claim(10);
    firstWriteWithout(here, 8);
    expect(here.of("bounded-loss")).toEqual({ checked: 1, wrong: [] });
  });

  test("is violated by a missing write from before or after the window", () => {
    for (const second of [-6, 16]) {
      const here = checking();
      here.script.claim(10);
      firstWriteWithout(here, second);
      expect(here.of("bounded-loss").wrong).toEqual([
        "Writes outside the stated window are missing (1).",
      ]);
    }
  });

  test("is judged by the claim of the epoch that writes, not by a later one", () => {
    const here = checking();
    here.script.claim(10);
    here.script.claim(20, { epoch: 3, lossBound: unknown });
    firstWriteWithout(here, 8);
    expect(here.of("bounded-loss").wrong).toEqual([]);
  });

  test("is judged by what the switch stated, where a take-over can't tell any more", () => {
    const here = checking();
    here.script.claim(10);
    here.script.claim(20, { epoch: 2, intent: "take-over", lossBound: unknown });
    firstWriteWithout(here, 8);
    expect(here.of("bounded-loss").wrong).toEqual([]);
  });

  test("is violated by an unknown loss, unless an operator agreed to it", () => {
    const here = checking();
    here.script.claim(10, { lossBound: unknown, waived: ["cool-down"] });
    firstWriteWithout(here, 8);
    expect(here.of("bounded-loss").wrong).toEqual(["Nobody agreed to an unknown loss (1)."]);
    const agreed = checking();
    agreed.script.claim(10, { lossBound: unknown, waived: ["loss-unknown"] });
    firstWriteWithout(agreed, 8);
    expect(agreed.of("bounded-loss")).toEqual({ checked: 1, wrong: [] });
  });
});

describe("6, never-leaves-healthy", () => {
  const decision = (
    witnessSees: "healthy" | "failing",
    mode: "automatic" | "planned" = "automatic",
  ) => {
    const reports = [
      report("primary", "primary", { verdict: "failing" }),
      report("secondary", "primary", { verdict: "failing" }),
      report("witness", "primary", { verdict: witnessSees }),
    ];
    const plan = planOf(activePassive, "failover", mode);
    const evidence = { reports: world({ reports }).reports };
    const detail: Json = JSON.parse(
      JSON.stringify({ kind: "go", plan, intent: "switch", evidence }),
    );
    return detail as { [key: string]: Json };
  };

  test("holds while both outside vantage points find the source failing", () => {
    const { script, of } = checking();
    script.emit(1, "decision", decision("failing"));
    script.emit(2, "decision", decision("healthy", "planned"));
    expect(of("never-leaves-healthy")).toEqual({ checked: 2, wrong: [] });
  });

  test("is violated by an automatic switch on a tie", () => {
    const { script, of } = checking();
    script.emit(1, "decision", decision("healthy"));
    expect(of("never-leaves-healthy").wrong).toEqual([
      "us-east-1 is left although outside vantage points find it: 1 healthy, 1 failing.",
    ]);
  });
});

describe("7, write-ahead-ledger", () => {
  test("holds when each transition and lever was announced, and the chain is whole", () => {
    const here = checking();
    claimed(here);
    pulled(here);
    here.script.ledger(20, { kind: "promote", epoch: 2 });
    here.script.routing(21, promoted);
    here.script.ledger(30, { kind: "outcome", epoch: 2 });
    here.script.routing(31, settled);
    here.checkers.finish();
    expect(here.of("write-ahead-ledger")).toEqual({ checked: 5, wrong: [] });
  });

  test("is violated by a claim, a promotion and a record that nobody announced", () => {
    const here = checking();
    here.script.routing(0, steady);
    here.script.routing(10, switching);
    here.script.routing(21, promoted);
    here.script.routing(31, settled);
    expect(here.of("write-ahead-ledger").wrong).toEqual([
      "A claim of epoch 2 happened without a ledger entry before it.",
      "A promote of epoch 2 happened without a ledger entry before it.",
      "A outcome of epoch 2 happened without a ledger entry before it.",
    ]);
  });

  test("is violated by an entry of another execution, and by one that comes too late", () => {
    const other = checking();
    other.script.routing(0, steady);
    other.script.ledger(9, { kind: "claim", epoch: 2, execution: "another" });
    other.script.routing(10, switching);
    expect(other.of("write-ahead-ledger").wrong).toHaveLength(1);
    const late = checking();
    late.script.routing(0, steady);
    late.script.ledger(9, { kind: "claim", epoch: 2, at: atSecond(11) });
    late.script.routing(10, switching);
    expect(late.of("write-ahead-ledger").wrong).toHaveLength(1);
  });

  test("is judged in true time: the clocks of the Region that wrote it may be fast", () => {
    const here = checking();
    here.script.emit(0, "clocks-set", { milliseconds: 45_000 }, secondary);
    here.script.routing(0, steady);
    here.script.ledger(9, { kind: "claim", epoch: 2, at: atSecond(54) });
    here.script.routing(10, switching);
    expect(here.of("write-ahead-ledger")).toEqual({ checked: 1, wrong: [] });
  });

  test("is violated by a lever that moves unannounced, not by one that is republished", () => {
    const here = checking();
    claimed(here);
    here.script.ledger(11, {
      kind: "pull-lever",
      epoch: 2,
      detail: { region: primary, lever: "switch" },
    });
    here.script.lever(12, { republished: true });
    expect(here.of("write-ahead-ledger")).toEqual({ checked: 1, wrong: [] });
    here.script.lever(13);
    expect(here.of("write-ahead-ledger").wrong).toEqual([
      "A pull-lever of epoch 2 happened without a ledger entry before it.",
    ]);
  });

  test("is violated by a second move on the strength of one announcement", () => {
    const here = checking();
    claimed(here);
    pulled(here);
    here.script.lever(13, { position: "released" });
    here.script.ledger(14, {
      ...{ kind: "release-lever", epoch: 2 },
      detail: { region: primary, lever: "drain" },
    });
    here.script.lever(15);
    expect(here.of("write-ahead-ledger").wrong).toEqual([
      "A release-lever of epoch 2 happened without a ledger entry before it.",
      "A pull-lever of epoch 2 happened without a ledger entry before it.",
    ]);
  });

  test("takes the epoch before for a call whose strong read came before the claim", () => {
    const moved = (second: number) => {
      const here = checking();
      here.script.routing(0, steady);
      here.script.ledger(8, {
        ...{ kind: "pull-lever", epoch: 1 },
        detail: { region: primary, lever: "drain" },
      });
      here.script.ledger(9, { kind: "claim", epoch: 2 });
      here.script.routing(10, switching);
      here.script.lever(second);
      return here.of("write-ahead-ledger").wrong;
    };
    expect(moved(14)).toEqual([]);
    expect(moved(16)).toEqual([
      "A pull-lever of epoch 2 happened without a ledger entry before it.",
    ]);
  });

  test("is violated at the end by a chain with a changed entry, one chain an execution", () => {
    const here = checking();
    here.script.ledger(1, { kind: "decision", epoch: 1 });
    here.script.ledger(2, { kind: "decision", epoch: 1, execution: "another" });
    here.script.ledger(3, { kind: "outcome", epoch: 1, hash: "f".repeat(64) });
    here.checkers.finish();
    expect(here.of("write-ahead-ledger")).toEqual({
      checked: 2,
      wrong: [`Ledger entry 2 of ${run} was changed after it was written.`],
    });
  });
});

describe("8, control-plane-free", () => {
  test("holds for a failover that completed, and for one that more than the three kept", () => {
    const { checkers, of } = checking();
    checkers.claimEnded({ plan: failover, completed: true, unreachable: ["source"] });
    checkers.claimEnded({ plan: failover, completed: false, unreachable: ["source", "other"] });
    expect(of("control-plane-free")).toEqual({ checked: 2, wrong: [] });
  });

  test("is violated by a failover that the source and Route 53's API kept from completing", () => {
    const { checkers, of } = checking();
    const unreachable = ["source", "route53-control-plane"] as const;
    checkers.claimEnded({ plan: failover, completed: false, unreachable });
    expect(of("control-plane-free").wrong).toEqual([
      "A failover did not complete although only these were unreachable: " +
        "source, route53-control-plane.",
    ]);
  });
});

describe("9, one-switch-at-a-time", () => {
  test("holds for one lease after the other, and levers touched by their holder", () => {
    const here = checking();
    claimed(here);
    here.script.lever(12, { readAt: atSecond(7) });
    here.script.lever(13, { holder: null });
    here.script.routing(30, settled);
    here.script.routing(40, { ...switching, lease: { executionArn: "next", until: atSecond(90) } });
    expect(here.of("one-switch-at-a-time").wrong).toEqual([]);
  });

  test("is violated by a lease that is taken while another's lasts", () => {
    const here = checking();
    claimed(here);
    here.script.routing(40, {
      ...switching,
      lease: { executionArn: "thief", until: atSecond(90) },
    });
    expect(here.of("one-switch-at-a-time").wrong).toEqual([
      `The leases of ${run} and thief overlap.`,
    ]);
  });

  test("holds where a lease lapsed sooner by a clock that was set after its holder had ended", () => {
    const wrong = (ended: boolean, set: boolean) => {
      const here = checking();
      here.script.routing(0, switching);
      if (ended) here.script.emit(5, "execution-ended", { arn: run });
      if (set) here.script.emit(8, "clocks-set", { milliseconds: 67_000 }, secondary);
      const lease = { executionArn: `${run}-2`, until: atSecond(300) };
      here.script.routing(10, { ...switching, epoch: 3, lease });
      return here.of("one-switch-at-a-time").wrong.length;
    };
    expect([wrong(true, true), wrong(false, true), wrong(true, false)]).toEqual([0, 1, 1]);
  });

  test("is violated by a lever that another execution touches, or a role that announced none", () => {
    const here = checking();
    claimed(here);
    here.script.ledger(11, { kind: "pull-lever", epoch: 2, execution: "reconcile/1" }, "watch");
    here.script.lever(12, { sender: "watch" });
    here.script.lever(13, { sender: "stranger" });
    here.script.lever(14, { sender: "stranger", holder: null });
    expect(here.of("one-switch-at-a-time").wrong).toEqual([
      `reconcile/1 touched a lever while ${run} held the lease.`,
      `stranger touched a lever while ${run} held the lease.`,
    ]);
  });

  test("is violated by a lever touched without a strong read in the 5 s before", () => {
    for (const readAt of [null, atSecond(6.9), atSecond(13)]) {
      const here = checking();
      here.script.lever(12, { readAt, holder: null });
      expect(here.of("one-switch-at-a-time").wrong).toEqual([
        "arn:aws:iam::123456789012:role/shift-traffic touched a lever without a strong read " +
          "in the 5 s before.",
      ]);
    }
  });

  test("asks what a lever's sender knew when it sent the call, not when a slow service was done", () => {
    const other = `${run}-2`;
    const wrong = (sentAt: number) => {
      const here = checking();
      here.script.routing(0, switching);
      here.script.ledger(9, {
        ...{ kind: "pull-lever", epoch: 2 },
        detail: { region: primary, lever: "drain" },
      });
      here.script.ledger(20, { execution: other, kind: "decision", epoch: 2 });
      here.script.lever(30, { sentAt, readAt: atSecond(10) });
      return here.of("one-switch-at-a-time").wrong;
    };
    expect(wrong(atSecond(12))).toEqual([]);
    expect(wrong(atSecond(16))).toEqual([
      `${run} touched a lever without a strong read in the 5 s before.`,
    ]);
    expect(wrong(atSecond(21))).toEqual([
      `${other} touched a lever without a strong read in the 5 s before.`,
    ]);
  });
});

describe("10, converges", () => {
  test("asks nothing before a routing state exists", () => {
    const { checkers, of } = checking();
    checkers.converge(atSecond(10_000));
    expect(of("converges")).toEqual({ checked: 0, wrong: [] });
  });

  test("holds at rest, and gives 15 minutes from the last heal", () => {
    const here = checking();
    here.script.routing(0, steady);
    here.checkers.converge(atSecond(1000));
    here.script.emit(1000, "fault", { id: "outage" });
    here.world.dns = [secondary];
    here.checkers.converge(atSecond(9000));
    here.script.emit(9000, "heal", { id: "outage" });
    here.checkers.converge(atSecond(9899));
    expect(here.of("converges")).toEqual({ checked: 3, wrong: [] });
    here.checkers.converge(atSecond(9900));
    expect(here.of("converges").wrong).toEqual([
      "15 minutes after the last fault DNS does not answer us-east-1.",
    ]);
  });

  test("is violated by a switch that does not end", () => {
    const here = checking();
    here.script.routing(0, switching);
    here.checkers.converge(atSecond(900));
    expect(here.of("converges").wrong).toEqual([
      "15 minutes after the last fault the phase is not steady.",
    ]);
  });

  test("is violated by levers that are not as desired, also where none ever moved", () => {
    const here = checking();
    here.world.dns = [secondary];
    here.script.routing(0, settled);
    here.checkers.converge(atSecond(900));
    expect(here.of("converges").wrong).toEqual([
      "15 minutes after the last fault the levers of us-east-1 are not the desired ones.",
    ]);
    const there = checking();
    there.script.routing(0, steady);
    there.checkers.converge(atSecond(900));
    expect(there.of("converges").wrong).toEqual([]);
  });

  test("gives a switch that nothing but an operator started its own 15 minutes", () => {
    const here = checking();
    here.script.routing(0, steady);
    here.script.emit(1200, "operator", { command: "failover" });
    here.script.routing(1210, switching);
    here.checkers.converge(atSecond(1220));
    expect(here.of("converges").wrong).toEqual([]);
    // Claimed again and again is no new switch.
    here.script.routing(1800, { ...switching, epoch: 3 });
    here.checkers.converge(atSecond(2111));
    expect(here.of("converges").wrong).toEqual([
      "15 minutes after the last fault the phase is not steady.",
    ]);
  });

  test("is violated by switches that go on beginning by themselves", () => {
    const wrong = (person: boolean) => {
      const here = checking();
      for (const minute of [0, 10, 20, 30]) {
        here.script.routing(minute * 60, steady);
        if (person) here.script.emit(minute * 60, "operator", { command: "failover" });
        here.script.routing(minute * 60 + 300, switching);
        here.checkers.converge(atSecond(minute * 60 + 310));
      }
      here.checkers.converge(atSecond(2400));
      return here.of("converges").wrong;
    };
    expect(wrong(true)).toEqual([]);
    expect(wrong(false)).toEqual(["15 minutes after the last fault the phase is not steady."]);
  });

  test("waits while a question is open, and 15 minutes from its answer", () => {
    const here = checking();
    here.script.routing(0, switching);
    here.world.pending = 1;
    here.checkers.converge(atSecond(5000));
    here.world.pending = 0;
    here.checkers.converge(atSecond(5899));
    here.script.emit(5899, "operator", { command: "pause" });
    here.script.emit(5899, "operator", { command: "reject" });
    here.checkers.converge(atSecond(6798));
    expect(here.of("converges")).toEqual({ checked: 3, wrong: [] });
    here.checkers.converge(atSecond(6799));
    expect(here.of("converges").wrong).toHaveLength(1);
  });
});
