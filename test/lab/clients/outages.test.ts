import { describe, expect, it } from "vitest";
import type { ClientHistory, Outcome } from "../../../lab/clients/history.ts";
import {
  failedDuringPlanned,
  outageOf,
  recoveryOf,
  recoverySeconds,
  writePauseOf,
} from "../../../lab/clients/outages.ts";

/** Requests as [begin, end, outcome], in seconds. */
type Told = readonly [number, number, Outcome];

const client = (
  requests: readonly Told[],
  ignoresTtl = false,
  region = "us-east-1",
): ClientHistory => ({
  client: 1,
  ignoresTtl,
  requests: requests.map(([begin, end, outcome]) => ({
    at: begin * 1000,
    endedAt: end * 1000,
    outcome,
    region,
    kind: "write",
  })),
});

describe("the recovery of a client", () => {
  const outage = { impactAt: 100_000, endsAt: 800_000 };

  it.each<{ title: string; requests: Told[]; seconds: number | null }>([
    {
      title: "ends with the first success after its last failure",
      requests: [
        [90, 91, "ok"],
        [110, 120, "failed"],
        [130, 140, "failed"],
        [150, 151, "ok"],
        [160, 161, "ok"],
      ],
      seconds: 51,
    },
    {
      title: "isn't reached by a success that a failure follows",
      requests: [
        [110, 111, "ok"],
        [150, 151, "failed"],
        [160, 161, "ok"],
      ],
      seconds: 61,
    },
    {
      title: "of a client that never failed is its first success after impact",
      requests: [
        [99, 101, "ok"],
        [110, 111, "ok"],
      ],
      seconds: 11,
    },
    {
      title: "counts a request as failed that was under way at impact",
      requests: [
        [99, 109, "failed"],
        [110, 111, "ok"],
      ],
      seconds: 11,
    },
    {
      title: "isn't undone by a request that began earlier and timed out later",
      requests: [
        [115, 116, "ok"],
        [110, 120, "failed"],
      ],
      seconds: 16,
    },
    {
      title: "looks at the failure that began last, not at the one that ended last",
      requests: [
        [127, 128, "ok"],
        [130, 131, "failed"],
        [125, 135, "failed"],
        [140, 141, "ok"],
      ],
      seconds: 41,
    },
    {
      title: "ignores what failed before impact and after the outage's end",
      requests: [
        [90, 99, "failed"],
        [110, 111, "ok"],
        [800, 801, "failed"],
      ],
      seconds: 11,
    },
    {
      title: "ignores orders that are missing: that is loss, not outage",
      requests: [
        [105, 106, "missing"],
        [110, 111, "ok"],
        [150, 151, "missing"],
      ],
      seconds: 11,
    },
    {
      title: "is not undone by a request that was under way when the next outage began",
      requests: [
        [110, 120, "failed"],
        [130, 131, "ok"],
        [799, 809, "failed"],
        [900, 901, "ok"],
      ],
      seconds: 31,
    },
    { title: "is unknown while there is none", requests: [[110, 120, "failed"]], seconds: null },
  ])("$title", ({ requests, seconds }) => {
    expect(recoverySeconds(client(requests), outage)).toBe(seconds);
  });

  it("is summed up by nearest rank, apart for clients that honour TTLs", () => {
    const recovering = (seconds: number, ignoresTtl = false) =>
      client([[100 + seconds - 1, 100 + seconds, "ok"]], ignoresTtl);
    const histories = [recovering(40), recovering(20), recovering(30), recovering(600, true)];
    expect(recoveryOf(histories, outage)).toEqual({
      rtoSeconds: { p50: 30, p99: 40 },
      rtoSecondsAll: { p50: 30, p99: 600 },
    });
  });

  it("has no p99 while a client hasn't recovered", () => {
    const histories = [client([[110, 111, "ok"]]), client([[110, 120, "failed"]])];
    expect(recoveryOf(histories, outage).rtoSeconds).toEqual({ p50: 11, p99: null });
    expect(recoveryOf([], outage).rtoSeconds).toEqual({ p50: null, p99: null });
  });
});

describe("the recovery where two Regions served", () => {
  const outage = { impactAt: 100_000, endsAt: 800_000 };
  const spared = ["us-west-2"];
  const hit = client([
    [90, 91, "ok"],
    [110, 120, "failed"],
    [130, 131, "ok"],
  ]);
  const elsewhere: Told[] = [
    [90, 91, "ok"],
    [104, 105, "ok"],
  ];

  it("is that of the clients that were hit, not of those served by the other Region", () => {
    const there = client(elsewhere, false, "us-west-2");
    expect(recoveryOf([hit, there, there], outage, spared).rtoSeconds).toEqual({
      p50: 31,
      p99: 31,
    });
  });

  it("counts whoever failed in the other Region too, or was served by none before", () => {
    const failed = client([...elsewhere, [140, 141, "failed"], [160, 161, "ok"]], false, spared[0]);
    const newcomer = client([[104, 105, "ok"]], false, spared[0]);
    expect(recoveryOf([failed, newcomer], outage, spared).rtoSeconds).toEqual({ p50: 5, p99: 61 });
  });

  it("takes no time where nobody was hit", () => {
    const there = client(elsewhere, false, "us-west-2");
    const zero = { p50: 0, p99: 0 };
    expect(recoveryOf([there], outage, spared)).toEqual({ rtoSeconds: zero, rtoSecondsAll: zero });
  });
});

describe("the outage behind a switch", () => {
  const histories = [
    client([
      [50, 51, "failed"],
      [700, 710, "failed"],
    ]),
    client([
      [690, 691, "ok"],
      [702, 712, "failed"],
    ]),
  ];
  const times = {
    ...{ faultsAt: [], previousAt: null, claimedAt: null },
    ...{ decidedAt: 720_000, completedAt: 750_000 },
  };

  it("begins with the fault and ends ten minutes after the switch", () => {
    expect(outageOf(histories, { ...times, faultsAt: [698_000] }, null)).toEqual({
      impactAt: 698_000,
      endsAt: 1_350_000,
    });
  });

  it("begins with the first failure of the last ten minutes where no fault is known", () => {
    expect(outageOf(histories, times, null)?.impactAt).toBe(700_000);
    expect(outageOf([client([[50, 51, "failed"]])], times, null)).toBeNull();
  });

  it("begins with the first fault that clients felt, and felt until the next", () => {
    const begun = (...faultsAt: number[]) =>
      outageOf(histories, { ...times, faultsAt }, null)?.impactAt;
    expect(begun(300_000, 698_000)).toBe(698_000);
    expect(begun(695_000, 698_000)).toBe(695_000);
    expect(begun(45_000, 100_000, 698_000)).toBe(45_000);
    expect(begun(45_000, 112_000, 698_000)).toBe(698_000);
  });

  it("begins with the first failure where the fault that stands has hurt nobody for long", () => {
    expect(outageOf(histories, { ...times, faultsAt: [60_000] }, null)?.impactAt).toBe(700_000);
  });

  it("begins with the last fault where stale answers of the switch before hide who felt it", () => {
    const after = { ...times, previousAt: 400_000, faultsAt: [300_000, 698_000] };
    expect(outageOf(histories, after, null)?.impactAt).toBe(698_000);
  });

  it("begins with the claim where nothing was wrong, whatever an earlier switch did", () => {
    const claimed = { ...times, claimedAt: 721_000 };
    expect(outageOf([client([[50, 51, "failed"]])], claimed, null)?.impactAt).toBe(721_000);
    expect(outageOf(histories, { ...claimed, previousAt: 690_000 }, null)?.impactAt).toBe(721_000);
  });

  it("ends where the next fault or switch begins", () => {
    expect(outageOf(histories, times, 900_000)?.endsAt).toBe(900_000);
    expect(outageOf(histories, times, 9_000_000)?.endsAt).toBe(1_350_000);
  });
});

it("counts requests that failed or missed their order during planned switches", () => {
  const histories = [
    client([
      [90, 95, "failed"],
      [99, 101, "failed"],
      [110, 111, "missing"],
      [112, 113, "ok"],
      [250, 251, "failed"],
    ]),
  ];
  const planned = [
    { impactAt: 100_000, endsAt: 200_000 },
    { impactAt: 105_000, endsAt: 210_000 },
  ];
  expect(failedDuringPlanned(histories, planned)).toBe(2);
});

describe("the write pause", () => {
  const pause = (requests: readonly Told[], from = 100, until = 200) =>
    writePauseOf([client(requests)], from * 1000, until * 1000);

  it("is the longest wait for an acknowledgement, with writes that are held", () => {
    expect(
      pause([
        [101, 102, "ok"],
        [103, 109, "ok"],
        [104, 109.5, "ok"],
        [120, 121, "ok"],
      ]),
    ).toBe(6);
  });

  it("runs on from what failed to the next that is acknowledged, or to the end", () => {
    expect(
      pause([
        [110, 110.1, "failed"],
        [115, 115.1, "failed"],
        [119, 119.1, "ok"],
      ]),
    ).toBeCloseTo(9.1);
    expect(pause([[110, 110.1, "failed"]])).toBe(90);
  });

  it("is no longer for silence: nobody waits while nobody writes", () => {
    expect(
      pause([
        [110, 110.2, "ok"],
        [190, 190.5, "ok"],
      ]),
    ).toBe(0.5);
  });

  it("begins with the last acknowledgement, where others were answered while one was held", () => {
    expect(
      pause([
        [110, 118, "ok"],
        [113, 114, "ok"],
      ]),
    ).toBe(4);
  });

  it("counts nothing from before, and is unknown where nobody wrote", () => {
    expect(pause([[90, 105, "ok"]])).toBe(5);
    expect(pause([[50, 51, "ok"]])).toBeNull();
  });
});
