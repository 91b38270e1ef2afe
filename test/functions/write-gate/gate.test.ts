import { describe, expect, it } from "vitest";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { createGate } from "../../../functions/write-gate/gate.ts";
import { nine, steady, switching } from "../steady.ts";

const policy = { region: "us-east-1", leaseSeconds: 5, deadlineSeconds: 2, heartbeatSeconds: 10 };

/** A control table and a clock that only the test moves. */
class World {
  milliseconds = 0;
  routing: RoutingState | null = steady();
  heartbeatAt: number | null = nine - 1_000;
  isReachable = true;
  /** How long an answer takes, and how long the next ones do. */
  answerTakes = 0;
  answersTake: number[] = [];
  noticedEpoch: number | null = null;
  /** How many readings fail from now on. */
  failures = 0;
  readonly calls: string[] = [];

  readonly gate = createGate(policy, {
    read: async () => {
      this.calls.push("read");
      if (!this.isReachable || this.failures-- > 0) throw new Error("unreachable");
      this.milliseconds += this.answersTake.shift() ?? this.answerTakes;
      const { routing, heartbeatAt, noticedEpoch } = this;
      return { routing, heartbeatAt, noticedEpoch };
    },
    beat: async (at) => {
      this.calls.push("beat");
      if (!this.isReachable) throw new Error("unreachable");
      this.heartbeatAt = at;
    },
    now: () => nine + this.milliseconds,
    tick: () => 70_000 + this.milliseconds,
  });

  /** Lets what runs in the background finish. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }

  taken(): string[] {
    return this.calls.splice(0);
  }
}

describe("the write gate", () => {
  it("reads once, and answers from that reading while it is young", async () => {
    const world = new World();
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 1 });
    world.milliseconds = 2_000;
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 1 });
    expect(world.taken()).toEqual(["read"]);
  });

  it("refreshes in the background once half of the lease is used", async () => {
    const world = new World();
    await world.gate.check("writer");
    world.milliseconds = 3_000;
    world.routing = steady({ writer: null });
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    await world.settle();
    expect(world.taken()).toEqual(["read", "read"]);
    expect(await world.gate.check("writer")).toMatchObject({ open: false });
  });

  it("reads again before it refuses, so that a promotion is seen at once", async () => {
    const world = new World();
    world.routing = switching(nine);
    expect(await world.gate.check("writer")).toMatchObject({
      ...{ open: false, active: "us-east-1", writer: null, isSwitching: true },
    });
    world.routing = steady({ epoch: 2 });
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 2 });
    expect(world.taken()).toEqual(["read", "read"]);
  });

  it("closes when it can't read and its reading has become too old", async () => {
    const world = new World();
    await world.gate.check("writer");
    world.isReachable = false;
    world.milliseconds = 5_000;
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    await world.settle();
    world.milliseconds = 5_001;
    expect(await world.gate.check("writer")).toEqual({
      open: false,
      why: "us-east-1 can't confirm that it may write: unreachable",
      // From the last reading: a client that repeats must know where.
      active: "us-east-1",
      ...{ writer: null, isSwitching: false },
    });
  });

  it("reads once more where the first reading failed at once", async () => {
    const world = new World();
    world.failures = 1;
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    expect(world.taken()).toEqual(["read", "read"]);
    world.milliseconds = 5_001;
    world.failures = 2;
    expect(await world.gate.check("writer")).toMatchObject({ open: false });
    expect(world.taken()).toEqual(["read", "read"]);
  });

  it("reads once more where a notice leaves the first answer no time", async () => {
    const world = new World();
    world.noticedEpoch = 1;
    world.answersTake = [1_050, 300];
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    expect(world.taken()).toEqual(["read", "read"]);
  });

  it("does not read again what took 1.5 s to come to nothing", async () => {
    const world = new World();
    world.noticedEpoch = 1;
    world.answersTake = [1_501];
    expect(await world.gate.check("writer")).toMatchObject({ open: false });
    expect(world.taken()).toEqual(["read"]);
  });

  it("closes on an answer that took longer than the lease", async () => {
    const world = new World();
    world.answerTakes = 5_001;
    expect(await world.gate.check("writer")).toEqual({
      open: false,
      why: "us-east-1 read the routing state too slowly.",
      active: "us-east-1",
      ...{ writer: null, isSwitching: false },
    });
  });

  it("knows no active Region before it has ever read", async () => {
    const world = new World();
    world.isReachable = false;
    expect(await world.gate.check("writer")).toMatchObject({ open: false, active: null });
  });

  it("writes a missing heartbeat first, and then reads it back", async () => {
    const world = new World();
    world.heartbeatAt = null;
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    expect(world.taken()).toEqual(["read", "beat", "read"]);
    expect(world.heartbeatAt).toBe(nine);
  });

  it("beats in the background before the heartbeat becomes too old", async () => {
    const world = new World();
    world.heartbeatAt = nine - 6_500;
    expect(await world.gate.check("writer")).toMatchObject({ open: true });
    await world.settle();
    expect(world.taken()).toEqual(["read", "beat", "read"]);
  });

  it("does not beat for a Region that may not write", async () => {
    const world = new World();
    world.heartbeatAt = null;
    world.routing = steady({ writer: "us-west-2", active: "us-west-2" });
    expect(await world.gate.check("writer")).toEqual({
      open: false,
      why: "us-west-2 accepts writes, us-east-1 does not.",
      active: "us-west-2",
      ...{ writer: "us-west-2", isSwitching: false },
    });
    expect(world.taken()).toEqual(["read"]);
  });

  it("counts the deadline from the check, also when the cache answered it", async () => {
    const world = new World();
    await world.gate.check("writer");
    world.milliseconds = 1_000;
    const answer = await world.gate.check("writer");
    world.milliseconds = 2_500;
    expect(answer.open && answer.remainingMilliseconds()).toBe(500);
    world.milliseconds = 3_100;
    expect(answer.open && answer.remainingMilliseconds()).toBe(-100);
  });

  it("reads again after a container was frozen for longer than the lease", async () => {
    const world = new World();
    await world.gate.check("writer");
    world.milliseconds = 60_000;
    world.heartbeatAt = nine + 59_000;
    world.routing = steady({ epoch: 2, writer: "us-west-2", active: "us-west-2" });
    expect(await world.gate.check("writer")).toMatchObject({ open: false, active: "us-west-2" });
  });
});
