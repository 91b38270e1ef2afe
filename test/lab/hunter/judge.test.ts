// Pass, fail and inconclusive, never conflated: what each of them takes.
import { describe, expect, it } from "vitest";
import { judge } from "../../../lab/hunter/judge.ts";

const zero = 1_000_000;
const clients = {
  requests: 10,
  failed: 0,
  acknowledgedWrites: 4,
  lostWrites: 0,
  failedDuringPlanned: 0,
};
const request = (second: number, outcome: "ok" | "failed" | "missing") => ({
  at: zero + second * 1000,
  endedAt: zero + second * 1000 + 50,
  outcome,
  region: null,
  kind: "write" as const,
});

function verdictOf(given: {
  failures?: string[];
  defects?: string[];
  quiet?: { forMilliseconds?: number; restMilliseconds?: number };
  acknowledgedWrites?: number;
  requests?: ReturnType<typeof request>[];
}) {
  const { failures = [], defects = [], quiet = {}, acknowledgedWrites = 4 } = given;
  return judge({
    endedAt: zero + 1_680_000,
    quiet: { forMilliseconds: 900_000, restMilliseconds: 0, ...quiet },
    defects,
    histories: [{ client: 1, ignoresTtl: false, requests: given.requests ?? [] }],
    result: {
      failures: [...failures, ...defects],
      clients: { ...clients, acknowledgedWrites },
    },
  });
}

const tooShort = { forMilliseconds: 899_000, restMilliseconds: 299_000 };

describe("A run", () => {
  it("passes when nothing failed, something was at stake, and all came to rest.", () => {
    expect(verdictOf({ requests: [request(1630, "ok")] })).toEqual({
      verdict: "pass",
      failures: [],
    });
  });

  it("fails by any of the drill's failures, at rest or not.", () => {
    const failures = ["Invariant bounded-loss: gone."];
    expect(verdictOf({ failures })).toEqual({ verdict: "fail", failures });
    expect(verdictOf({ failures, quiet: tooShort })).toEqual({ verdict: "fail", failures });
  });

  it("fails when customers are not served although all is at rest.", () => {
    const requests = [request(1619, "failed"), request(1621, "failed"), request(1650, "ok")];
    expect(verdictOf({ requests })).toEqual({
      verdict: "fail",
      failures: ["1 of the 2 requests of the last minute failed, though all was well."],
    });
    expect(verdictOf({ requests, quiet: tooShort }).verdict).toBe("inconclusive");
  });

  it("needs no 15 minutes of quiet where it was at rest for five.", () => {
    const quiet = { forMilliseconds: 400_000, restMilliseconds: 300_000 };
    expect(verdictOf({ quiet }).verdict).toBe("pass");
  });

  it("is inconclusive when the lab broke, whatever else failed in the broken lab.", () => {
    const [defects, failures] = [["The lab's sns broke: no."], ["Invariant converges: no."]];
    expect(verdictOf({ defects, failures })).toEqual({
      verdict: "inconclusive",
      failures: ["The lab's sns broke: no.", "Invariant converges: no."],
    });
  });

  it("is inconclusive when nothing was at stake, and when the end came too early.", () => {
    expect(verdictOf({ acknowledgedWrites: 0 })).toEqual({
      verdict: "inconclusive",
      failures: ["Nothing was at stake: no write was ever acknowledged."],
    });
    expect(verdictOf({ quiet: tooShort })).toEqual({
      verdict: "inconclusive",
      failures: ["The run ended before all was at rest, and before it had to be."],
    });
  });
});
