// The loss window's arithmetic, with numbers worked out by hand: lease 5 s, deadline 2 s, beat
// 10 s; and 2 s for partitions that replicate later than the heartbeats'.
import { describe, expect, it } from "vitest";
import {
  lossBoundAtDecide,
  lossBoundOf,
  lossInWords,
  lossStillAccepted,
} from "../../core/loss-bound.ts";
import { config, now, world } from "./world.ts";

const facts = {
  claimAt: 100_000,
  sourceHeartbeat: 70_000,
  newestAtTarget: 68_500,
  writesPerSecond: 2,
};

describe("The loss window", () => {
  it("ends one beat, the lease and the deadline after the source's last heartbeat.", () => {
    expect(lossBoundOf(config, facts)).toEqual({
      seconds: 20.5,
      estimatedWrites: 41,
      stopBound: 87_000,
      newestAtTarget: 68_500,
    });
  });

  it("ends the lease and the deadline after the claim where that is earlier.", () => {
    expect(lossBoundOf(config, { ...facts, sourceHeartbeat: 99_000 }).stopBound).toBe(107_000);
  });

  it("rests on the heartbeat alone where the claim is not known on the source's clock.", () => {
    expect(
      lossBoundOf(config, { ...facts, claimAt: null, sourceHeartbeat: 99_000 }).stopBound,
    ).toBe(116_000);
  });

  it("takes the claim on the source's clock, however far that is from the decider's.", () => {
    const evidence = {
      ...world(),
      controlHeartbeats: { "us-east-1": now + 89_000 },
      replication: { "us-east-1": now + 80_000 },
    };
    const decided = (clocksAhead: Record<string, number>) =>
      lossBoundAtDecide(config, { ...evidence, clocksAhead }, "us-east-1", now);
    // The claim within 5 s, lease and deadline 7 s: 12 s from now, where now is 90 s later.
    expect(decided({ "us-east-1": 90_000 })).toMatchObject({
      stopBound: now + 102_000,
      seconds: 24,
      sourceAhead: 90_000,
    });
    expect(decided({})).toMatchObject({ stopBound: now + 106_000, sourceAhead: null });
  });

  it("ends two seconds later where the source has yet to learn of the claim.", () => {
    const eventual = { ...config, coordination: "eventual" } as const;
    const late = { ...facts, sourceHeartbeat: 99_000 };
    expect(lossBoundOf(eventual, late).stopBound).toBe(109_000);
    expect(lossBoundOf(eventual, facts).stopBound).toBe(87_000);
  });

  it("is never shorter than what slower partitions may hold back.", () => {
    expect(lossBoundOf(config, { ...facts, newestAtTarget: 90_000 }).seconds).toBe(2);
  });

  it("is unknown, never zero, where a heartbeat is missing.", () => {
    const unknown = { seconds: null, estimatedWrites: null, stopBound: null };
    expect(lossBoundOf(config, { ...facts, newestAtTarget: null })).toMatchObject(unknown);
    expect(lossBoundOf(config, { ...facts, sourceHeartbeat: null })).toMatchObject(unknown);
  });
});

describe("A claim under another bound than was decided on", () => {
  const bound = (seconds: number | null) => ({
    seconds,
    estimatedWrites: null,
    stopBound: null,
    newestAtTarget: null,
  });

  it("goes on within the objective, or with no more than was decided on.", () => {
    expect(lossStillAccepted(config, bound(30), bound(10))).toBe(true);
    expect(lossStillAccepted(config, bound(31), bound(30))).toBe(false);
    expect(lossStillAccepted(config, bound(45), bound(45))).toBe(true);
    expect(lossStillAccepted(config, bound(46), bound(45))).toBe(false);
    expect(lossStillAccepted(config, bound(46), bound(null))).toBe(true);
    expect(lossStillAccepted(config, bound(null), bound(45))).toBe(false);
    expect(lossStillAccepted(config, bound(null), bound(null))).toBe(true);
  });
});

describe("A bound in words", () => {
  it("rounds up.", () => {
    expect(lossInWords(lossBoundOf(config, facts))).toBe(
      "at most 21 s of acknowledged writes (about 41)",
    );
  });
});
