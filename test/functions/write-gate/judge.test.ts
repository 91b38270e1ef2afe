import { describe, expect, it } from "vitest";
import {
  type Demand,
  type GatePolicy,
  judge,
  needsBeat,
  needsRefresh,
  type Reading,
} from "../../../functions/write-gate/judge.ts";
import { nine, steady } from "../steady.ts";

const policy: GatePolicy = {
  region: "us-east-1",
  leaseSeconds: 5,
  deadlineSeconds: 2,
  heartbeatSeconds: 10,
};

function reading(difference: Partial<Reading> = {}): Reading {
  return {
    routing: steady(),
    heartbeatAt: nine - 1_000,
    sentAt: nine,
    sentTick: 50_000,
    ...difference,
  };
}

function kind(read: Reading | null, tick: number, demand: Demand = "writer") {
  return judge(read, demand, tick, policy).kind;
}

describe("the judgement of a reading", () => {
  it("is open for the writer until the lease has run out since sending", () => {
    expect(kind(reading(), 50_000)).toBe("open");
    expect(kind(reading(), 55_000)).toBe("open");
    expect(kind(reading(), 55_001)).toBe("unread");
  });

  it("rests on a reading for a second where that shows a claim coming, of this epoch", () => {
    const noticed = reading({ noticedEpoch: 1 });
    expect([kind(noticed, 51_000), kind(noticed, 51_001)]).toEqual(["open", "unread"]);
    expect(needsRefresh(noticed, 50_501, policy)).toBe(true);
    expect(kind(reading({ noticedEpoch: 1, routing: steady({ epoch: 2 }) }), 55_000)).toBe("open");
    expect(judge(noticed, "writer", 50_800, { ...policy, leaseSeconds: 0.5 }).kind).toBe("unread");
  });

  it("says nothing without a reading", () => {
    expect(kind(null, 50_000)).toBe("unread");
  });

  it("is closed where another Region, or nobody, is the writer", () => {
    expect(kind(reading({ routing: steady({ writer: "us-west-2" }) }), 50_000)).toBe("closed");
    expect(kind(reading({ routing: steady({ writer: null }) }), 50_000)).toBe("closed");
    expect(kind(reading({ routing: null }), 50_000)).toBe("closed");
  });

  it("lets the canaries' proof through in the Region that does not write", () => {
    const passive = reading({ routing: steady({ writer: "us-west-2" }) });
    expect(kind(passive, 50_000, "proof")).toBe("open");
    expect(kind(reading({ routing: null }), 50_000, "proof")).toBe("closed");
  });

  it("asks for a heartbeat that is missing, or older than heartbeatSeconds by now", () => {
    expect(kind(reading({ heartbeatAt: null }), 50_000)).toBe("beatless");
    expect(kind(reading({ heartbeatAt: nine - 8_000 }), 52_000)).toBe("open");
    expect(kind(reading({ heartbeatAt: nine - 8_000 }), 52_001)).toBe("beatless");
    expect(kind(reading({ heartbeatAt: null }), 50_000, "proof")).toBe("beatless");
  });

  it("wants a refresh after half of the lease, and a beat at 60 % of the heartbeat", () => {
    expect(needsRefresh(reading(), 52_500, policy)).toBe(false);
    expect(needsRefresh(reading(), 52_501, policy)).toBe(true);
    expect(needsBeat(reading({ heartbeatAt: nine - 6_000 }), 50_000, policy)).toBe(false);
    expect(needsBeat(reading({ heartbeatAt: nine - 6_001 }), 50_000, policy)).toBe(true);
    expect(needsRefresh(reading({ heartbeatAt: nine - 6_001 }), 50_000, policy)).toBe(true);
  });
});
