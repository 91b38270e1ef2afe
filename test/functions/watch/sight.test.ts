import { describe, expect, it } from "vitest";
import type { Look } from "../../../core/contracts/evidence.ts";
import type { View } from "../../../core/contracts/records.ts";
import {
  blank,
  type Sight,
  seen,
  sightFrom,
  verdictOf,
  viewToRecord,
} from "../../../functions/watch/sight.ts";
import { nine } from "../steady.ts";

function look(passed: boolean): Look {
  return {
    serving: "us-east-1",
    passed,
    startedAt: nine,
    milliseconds: 40,
    failedStep: passed ? null : "write",
    detail: passed ? "" : "answered 500",
  };
}

function view(difference: Partial<View> = {}): View {
  return {
    vantage: "us-west-2",
    serving: "us-east-1",
    verdict: "healthy",
    since: nine - 3_600_000,
    seenAt: nine,
    detail: "",
    ...difference,
  };
}

function verdictAfter(sight: Sight, ...passed: boolean[]) {
  return verdictOf(
    passed.reduce((each, one) => seen(each, look(one), 3, nine), sight),
    3,
  );
}

describe("a sight", () => {
  it("needs three looks of one mind", () => {
    expect(verdictAfter(blank, true, true)).toBe("unknown");
    expect(verdictAfter(blank, true, true, true)).toBe("healthy");
    expect(verdictAfter(blank, true, true, true, false)).toBe("unknown");
    expect(verdictAfter(blank, true, false, false, false)).toBe("failing");
    expect(verdictAfter(blank, false, false, false, true)).toBe("unknown");
  });

  it("takes up a recent view after a cold start, and no other", () => {
    const failing = view({ verdict: "failing" });
    expect(verdictAfter(sightFrom(failing, nine + 30_000, 3), false)).toBe("failing");
    expect(verdictAfter(sightFrom(failing, nine + 60_001, 3), false)).toBe("unknown");
    expect(verdictAfter(sightFrom(view(), nine + 30_000, 3), true)).toBe("healthy");
    expect(verdictAfter(sightFrom(null, nine, 3), true)).toBe("unknown");
  });

  function recorded(passed: boolean[], stored: View, now: number) {
    const where = { vantage: "us-west-2", now, lookFailures: 3 };
    const sight = { passed, recorded: stored, lookedAt: now, unbrokenSince: stored.since };
    return viewToRecord(sight, look(passed.at(-1) ?? true), where);
  }

  it("records a change at once, with its own beginning", () => {
    expect(recorded([false, false, false], view(), nine + 10_000)).toEqual({
      vantage: "us-west-2",
      serving: "us-east-1",
      verdict: "failing",
      since: nine + 10_000,
      seenAt: nine + 10_000,
      detail: "write: answered 500",
    });
  });

  it("confirms an unchanged view after 25 s, and keeps its beginning", () => {
    const healthy = [true, true, true];
    expect(recorded(healthy, view(), nine + 24_999)).toBe(null);
    expect(recorded(healthy, view(), nine + 25_000)).toEqual(view({ seenAt: nine + 25_000 }));
  });

  it("begins anew after more than a minute without a look, and not after one of less", () => {
    const sinceAfter = (...looks: number[]) => {
      const sight = looks.reduce(
        (each, seconds) => seen(each, look(true), 3, nine + seconds * 1_000),
        sightFrom(view(), nine + 10_000, 3),
      );
      const now = nine + (looks.at(-1) ?? 0) * 1_000;
      return viewToRecord(sight, look(true), { vantage: "us-west-2", now, lookFailures: 3 })?.since;
    };
    expect(sinceAfter(60)).toBe(nine - 3_600_000);
    expect(sinceAfter(61)).toBe(nine + 61_000);
    // Not recorded for long, but looked at all the time.
    expect(sinceAfter(50, 100, 150)).toBe(nine - 3_600_000);
    expect(sinceAfter(50, 111, 150)).toBe(nine + 111_000);
  });
});
