// The loss window's arithmetic, with numbers worked out by hand: lease 5 s, deadline 2 s, beat
// 10 s; and 2 s for partitions that replicate later than the heartbeats'.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  lossBoundAtDecide,
  lossBoundOf,
  lossInWords,
  lossStillAccepted,
  unboundedWords,
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

  it("says what is not known: how many writes, or why there is no bound at all.", () => {
    const rateless = { ...facts, writesPerSecond: null };
    expect(lossInWords(lossBoundOf(config, rateless))).toBe(
      "at most 21 s of acknowledged writes (how many is not known)",
    );
    const why = (missing: object) =>
      unboundedWords(lossBoundOf(config, { ...facts, ...missing }), "us-east-1");
    expect(why({ newestAtTarget: null })).toBe(
      "no heartbeat of us-east-1 has been seen where it replicates to",
    );
    expect(why({ sourceHeartbeat: null })).toBe(
      "the control table shows no heartbeat of us-east-1",
    );
  });
});

describe("The stated window, over random histories", () => {
  /** Times in ms. The source beats every 10 s until it is cut off; a gate may be open while its
   * reading is 5 s old at most and its heartbeat 10 s, and acknowledges 2 s later at the latest;
   * what a partition holds back arrives 2 s after the heartbeats that it proves, at most. */
  const history = fc.record({
    beatsBeforeCut: fc.integer({ min: 0, max: 9_999 }),
    claimAfterCut: fc.integer({ min: -30_000, max: 120_000 }),
    beatLag: fc.integer({ min: 0, max: 20_000 }),
    skew: fc.integer({ min: 0, max: 2_000 }),
    writes: fc.array(fc.integer({ min: -60_000, max: 60_000 }), { maxLength: 40 }),
  });

  it("holds every acknowledged write that the target lacks.", () => {
    let missingWrites = 0;
    fc.assert(
      fc.property(history, ({ beatsBeforeCut, claimAfterCut, beatLag, skew, writes }) => {
        const cut = 1_000_000;
        const claimAt = cut + claimAfterCut;
        const lastBeat = cut - beatsBeforeCut;
        const stop = Math.min(claimAt + 5_000, lastBeat + 10_000) + 2_000;
        // The newest beat that had crossed before the cut, and what had crossed with it.
        const crossed = lastBeat - Math.ceil(beatLag / 10_000) * 10_000;
        const missing = writes
          .map((at) => cut + at)
          .filter((at) => at <= stop && at > crossed - skew);
        const { seconds, stopBound } = lossBoundOf(config, {
          ...{ claimAt, sourceHeartbeat: lastBeat, newestAtTarget: crossed },
          writesPerSecond: null,
        });
        if (seconds === null || stopBound === null) throw new Error("it is known here");
        missingWrites += missing.length;
        return missing.every((at) => at >= stopBound - seconds * 1_000 && at <= stopBound);
      }),
      { numRuns: 2_000, seed: 7 },
    );
    expect(missingWrites).toBeGreaterThan(1_000);
  });
});
