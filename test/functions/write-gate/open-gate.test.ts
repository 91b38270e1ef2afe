import { describe, expect, it } from "vitest";
import { createOpenGate } from "../../../functions/write-gate/open-gate.ts";

class World {
  milliseconds = 0;
  epoch: number | null | Error = 4;
  reads = 0;

  readonly gate = createOpenGate(
    { leaseSeconds: 5, deadlineSeconds: 2 },
    {
      readEpoch: async () => {
        this.reads += 1;
        if (this.epoch instanceof Error) throw this.epoch;
        return this.epoch;
      },
      tick: () => 70_000 + this.milliseconds,
    },
  );
}

const away = new Error("unreachable");

describe("the gate with writes any-region", () => {
  it("is open for customers and canaries, and stamps the epoch", async () => {
    const world = new World();
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 4, active: null });
    expect(await world.gate.check("proof")).toMatchObject({ open: true, epoch: 4, active: null });
    expect(world.reads).toBe(1);
  });

  it("is open where the control table never was read", async () => {
    const world = new World();
    world.epoch = away;
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 0 });
    world.epoch = null;
    expect(await world.gate.check("writer")).toMatchObject({ open: true, epoch: 0 });
    expect(world.reads).toBe(1);
  });

  it("reads again after the lease without waiting for it, and keeps what was known", async () => {
    const world = new World();
    await world.gate.check("writer");
    world.milliseconds = 5_001;
    world.epoch = away;
    expect(await world.gate.check("writer")).toMatchObject({ epoch: 4 });
    world.milliseconds = 10_003;
    world.epoch = 6;
    expect(await world.gate.check("writer")).toMatchObject({ epoch: 4 });
    await Promise.resolve();
    expect(await world.gate.check("writer")).toMatchObject({ epoch: 6 });
    expect(world.reads).toBe(3);
  });

  it("cuts a write off after the deadline all the same", async () => {
    const world = new World();
    const answer = await world.gate.check("writer");
    world.milliseconds = 1_500;
    expect(answer.open && answer.remainingMilliseconds()).toBe(500);
  });
});
