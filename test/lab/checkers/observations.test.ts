import { describe, expect, test } from "vitest";
import { planOf } from "../../../core/plan-for.ts";
import { Observations } from "../../../lab/checkers/observations.ts";
import {
  atSecond,
  config,
  promoted,
  run,
  scriptedLog,
  settled,
  steady,
  switching,
  zero,
} from "../scripted-log.ts";

function observing() {
  const script = scriptedLog();
  const seen = new Observations(zero);
  script.log.on((event) => seen.take(event));
  return { script, seen };
}

describe("what the checkers remember", () => {
  test("are the levers' actual positions, by Region", () => {
    const { script, seen } = observing();
    script.lever(1, { lever: "drain" });
    script.lever(2, { lever: "switch" });
    script.lever(3, { lever: "drain", position: "released" });
    expect(seen.levers).toEqual({ "us-east-1": { switch: "pulled", drain: "released" } });
  });

  test("is whether the switch that was under way at an instant was forced", () => {
    const { script, seen } = observing();
    script.routing(10, { ...switching, plan: planOf(config, "failover", "forced") });
    script.routing(20, steady);
    expect([9, 10, 19, 20].map((at) => seen.wasForced(atSecond(at)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("is when the last fault healed, and none while one stands", () => {
    const { script, seen } = observing();
    expect(seen.healedAt).toBe(zero);
    script.emit(1, "fault", { id: "a" });
    script.emit(2, "fault", { id: "b" });
    script.emit(3, "heal", { id: "a" });
    expect(seen.healedAt).toBeNull();
    script.emit(4, "heal", { id: "b" });
    script.emit(5, "heal", { id: "nobody" });
    expect(seen.healedAt).toBe(atSecond(4));
  });

  test("is the routing state and the one before it, the ledger, and what each claim stated", () => {
    const { script, seen } = observing();
    script.routing(0, steady);
    script.ledger(1, { kind: "claim", epoch: 2 });
    script.routing(2, switching);
    script.claim(3);
    script.emit(4, "item-written", { sk: "heartbeat#us-east-1", item: { region: "us-east-1" } });
    expect(seen.previousRouting).toEqual(steady);
    expect(seen.routing).toEqual(switching);
    expect(seen.ledger.map(({ kind, epoch }) => ({ kind, epoch }))).toEqual([
      { kind: "claim", epoch: 2 },
    ]);
    expect(seen.claims.map(({ epoch, waived }) => ({ epoch, waived }))).toEqual([
      { epoch: 2, waived: [] },
    ]);
  });

  test("is how long each lease lasted: as renewed, and ended where it was given back", () => {
    const { script, seen } = observing();
    script.routing(0, steady);
    script.routing(10, switching);
    script.routing(20, { ...promoted, lease: { executionArn: run, until: atSecond(320) } });
    expect(seen.leases).toEqual([{ executionArn: run, from: atSecond(10), until: atSecond(320) }]);
    script.routing(30, settled);
    expect(seen.leases).toEqual([{ executionArn: run, from: atSecond(10), until: atSecond(30) }]);
  });

  test("keeps a lease as it was granted when another execution takes one", () => {
    const { script, seen } = observing();
    script.routing(10, switching);
    script.routing(20, { ...switching, lease: { executionArn: "thief", until: atSecond(400) } });
    expect(seen.leases).toEqual([
      { executionArn: run, from: atSecond(10), until: atSecond(300) },
      { executionArn: "thief", from: atSecond(20), until: atSecond(400) },
    ]);
  });
});
