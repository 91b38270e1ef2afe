import { describe, expect, test } from "vitest";
import { baselineOf, needsBaseline, withBaselines } from "../../../lab/baseline/measure.ts";
import type { BaselineRecord } from "../../../lab/baseline/record.ts";
import type { SwitchResult } from "../../../lab/report/result.ts";
import { failover, result } from "../report/result.ts";

const zero = Date.UTC(2026, 0, 15, 9);
const second = (seconds: number) => zero + seconds * 1000;
const [primary, secondary] = ["us-east-1", "us-west-2"];

type Request = BaselineRecord["histories"][number]["requests"][number];

/** Requests that end at once, by second: those of `failed` fail. */
function client(seconds: readonly number[], failed: readonly number[], difference = {}) {
  const requests = seconds.map((at): Request => {
    const outcome = failed.includes(at) ? "failed" : "ok";
    return { at: second(at), endedAt: second(at), outcome, region: primary, kind: "read" };
  });
  return { client: 1, ignoresTtl: false, requests, ...difference };
}

const outage = { at: second(120), until: second(1500), regions: [primary] };

function recorded(difference: Partial<BaselineRecord> = {}): BaselineRecord {
  return {
    zero,
    endedAt: second(1800),
    disturbances: [outage],
    answers: [
      { at: 0, regions: [primary] },
      { at: second(160), regions: [secondary] },
      { at: second(1520), regions: [primary] },
    ],
    histories: [
      client([100, 125, 150, 200], [125, 150]),
      client([100, 125, 220], [125]),
      client([100, 125, 700], [125], { ignoresTtl: true }),
    ],
    ...difference,
  };
}

const of = (record: Partial<BaselineRecord> = {}, one: Partial<SwitchResult> = {}) =>
  baselineOf({ ...failover, ...one }, recorded(record));

describe("what the same clients saw with Route 53 alone", () => {
  test("is measured from the switch's impact, with the clients that ignore TTLs apart", () => {
    expect(of()).toEqual({
      simulated: true,
      rtoSeconds: { p50: 80, p99: 100 },
      rtoSecondsAll: { p50: 100, p99: 580 },
      failed: 4,
      movedAt: 160,
      healedAt: 1500,
    });
  });

  test("tells of clients whom nobody moved, and who waited for the Region to heal", () => {
    const histories = [client([100, 130, 1490, 1510], [130, 1490])];
    const answers = [{ at: 0, regions: [primary] }];
    expect(of({ histories, answers })).toMatchObject({
      rtoSeconds: { p50: 1390, p99: 1390 },
      movedAt: null,
      healedAt: 1500,
    });
  });

  test("has no number for clients that never came back, and no end of a fault that stood", () => {
    const disturbances = [{ ...outage, until: null }];
    const histories = [client([100, 130, 1790], [130, 1790])];
    const answers = [{ at: 0, regions: [primary] }];
    expect(of({ disturbances, histories, answers })).toEqual({
      simulated: true,
      rtoSeconds: { p50: null, p99: null },
      rtoSecondsAll: { p50: null, p99: null },
      failed: 2,
      movedAt: null,
      healedAt: null,
    });
  });

  test("ends with the next fault, whose failures are its own", () => {
    const next = { at: second(210), until: null, regions: [secondary] };
    const histories = [client([100, 125, 200, 250, 300], [125, 250])];
    expect(of({ disturbances: [outage, next], histories })).toMatchObject({
      rtoSeconds: { p50: 80, p99: 80 },
      failed: 1,
    });
  });

  test("does not count as moved what Route 53 answered after the Region had healed", () => {
    const answers = [
      { at: 0, regions: [primary] },
      { at: second(1600), regions: [secondary] },
    ];
    expect(of({ answers })).toMatchObject({ movedAt: null });
  });

  test("says since when Route 53 had sent clients elsewhere before anybody felt anything", () => {
    const answers = [
      { at: 0, regions: [primary] },
      { at: second(110), regions: [secondary] },
    ];
    expect(of({ answers })).toMatchObject({ movedAt: 110 });
  });

  test("leaves out clients of the other Region, where both were answered", () => {
    const answers = [
      { at: 0, regions: [primary, secondary] },
      { at: second(160), regions: [secondary] },
    ];
    const there = client([100, 125], []);
    const requests = there.requests.map((one) => ({ ...one, region: secondary }));
    const histories = [client([100, 125, 200], [125]), { ...there, requests }];
    expect(of({ answers, histories })).toMatchObject({ rtoSeconds: { p50: 80, p99: 80 } });
  });

  test.each<[string, Partial<SwitchResult>, Partial<BaselineRecord>]>([
    ["a planned switch", { mode: "planned" }, {}],
    ["a switch that answered no outage", { impactAt: null }, {}],
    ["a fault elsewhere", {}, { disturbances: [{ ...outage, regions: [secondary] }] }],
    ["a fault that had healed before", {}, { disturbances: [{ ...outage, until: second(119) }] }],
    ["a fault that began later", {}, { disturbances: [{ ...outage, at: second(161) }] }],
  ])("is nothing for %s", (_, one, record) => {
    expect(of(record, one)).toBeNull();
  });
});

describe("the result of a drill", () => {
  test("has the baseline beside each unplanned switch, and is else as it was", () => {
    const planned = { ...failover, mode: "planned" as const, impactAt: null };
    const given = { ...result, switches: [failover, planned] };
    const { switches, ...rest } = withBaselines(given, recorded());
    expect(switches[0]?.baseline?.rtoSeconds).toEqual({ p50: 80, p99: 100 });
    expect(switches[1]).toEqual(planned);
    expect({ ...rest, switches: given.switches }).toEqual(given);
  });

  test("needs one where an unplanned switch had an impact", () => {
    expect(needsBaseline(failover)).toBe(true);
    expect(needsBaseline({ ...failover, mode: "forced" })).toBe(true);
    expect(needsBaseline({ ...failover, mode: "planned" })).toBe(false);
    expect(needsBaseline({ ...failover, impactAt: null })).toBe(false);
  });
});
