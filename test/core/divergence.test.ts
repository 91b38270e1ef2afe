import { describe, expect, it } from "vitest";
import type { Divergence, WrittenVersion } from "../../core/contracts/divergence.ts";
import type { Claim } from "../../core/contracts/steps.ts";
import {
  divergentItem,
  type ItemHistory,
  isOpen,
  openedReport,
  versionParts,
} from "../../core/divergence.ts";
import { claimedState, claimOn } from "../functions/fakes.ts";
import { config, now } from "./world.ts";

const address = { table: "carts", key: { userId: "u-1" } };

/** A write of that epoch, so many seconds on. */
function write(region: string, epoch: number, second: number): WrittenVersion {
  const at = 1_768_467_600_000 + second * 1_000;
  const version = `${String(epoch).padStart(8, "0")}.${String(at).padStart(15, "0")}.r`;
  return { version, region, epoch, at };
}
const east = (second: number) => write("us-east-1", 1, second);
const west = (second: number) => write("us-west-2", 2, second);

type GrantedClaim = Extract<Claim, { claimed: true }>;

/** The epoch was claimed at second 100. */
const report = { epoch: 2, fencedAt: 1_768_467_700_000, target: "us-west-2" };

function judged(
  history: {
    east?: WrittenVersion[];
    west?: WrittenVersion[];
    stands: WrittenVersion | null;
    /** [newer, what it replaced] */
    replaced?: [WrittenVersion, WrittenVersion][];
  },
  sourceAhead: number | null = null,
) {
  const given: ItemHistory = {
    address,
    ofSource: history.east ?? [],
    ofTarget: history.west ?? [],
    stands: history.stands?.version ?? null,
    replaced: new Map((history.replaced ?? []).map(([a, b]) => [a.version, b.version])),
  };
  return divergentItem(given, { ...report, sourceAhead });
}

describe("an item after a switch that did not drain", () => {
  it("is nothing to report when what the source wrote last arrived late and stands", () => {
    expect(judged({ east: [east(80), east(90)], stands: east(90) })).toBe(null);
  });

  it("is written by a fenced writer when that write came after the claim", () => {
    expect(judged({ east: [east(90), east(104)], stands: east(104) })).toEqual({
      ...address,
      fenced: true,
      stands: east(104),
      discarded: [],
    });
  });

  it("was fenced by the source's own clock, where it is known how far that is ahead", () => {
    const ahead = { east: [east(189)], stands: east(189) };
    expect(judged(ahead)?.fenced).toBe(true);
    expect(judged(ahead, 90_000)).toBe(null);
    const behind = { east: [east(11)], stands: east(11) };
    expect(judged(behind)).toBe(null);
    expect(judged(behind, -90_000)?.fenced).toBe(true);
  });

  it("lost the source's last write to the target, which had not seen it", () => {
    const history = { east: [east(80), east(90)], west: [west(120)], stands: west(120) };
    expect(judged(history)).toEqual({
      ...address,
      fenced: false,
      stands: west(120),
      discarded: [east(90)],
    });
    // The target had seen the one before the last.
    const seen = {
      ...history,
      replaced: [[west(120), east(80)]] as [WrittenVersion, WrittenVersion][],
    };
    expect(judged(seen)?.discarded).toEqual([east(90)]);
  });

  it("is nothing to report when the target had seen what it wrote over", () => {
    expect(
      judged({
        east: [east(80), east(90)],
        west: [west(120), west(130)],
        stands: west(130),
        replaced: [[west(120), east(90)]],
      }),
    ).toBe(null);
  });

  it("lost a write although the target has written on for long, unread here", () => {
    expect(judged({ east: [east(90)], stands: west(9_000) })).toMatchObject({
      stands: { version: west(9_000).version, region: "us-west-2", at: west(9_000).at },
      discarded: [east(90)],
    });
    // Who wrote in an epoch after that nothing that was read tells.
    const later = write("us-east-1", 3, 9_500);
    expect(judged({ east: [east(90)], stands: later })?.stands).toMatchObject({ region: null });
  });

  it("lost the target's write to a fenced one of the source that came later", () => {
    expect(judged({ east: [east(140)], west: [west(120)], stands: east(140) })).toEqual({
      ...address,
      fenced: true,
      stands: east(140),
      discarded: [west(120)],
    });
  });

  it("lost the target's write also where the target has since written over the source's", () => {
    expect(
      judged({
        east: [east(125)],
        west: [west(120), west(150)],
        stands: west(150),
        replaced: [[west(150), east(125)]],
      })?.discarded,
    ).toEqual([west(120)]);
  });

  it("is nothing to report where the source's announcement was never followed by its write", () => {
    expect(judged({ east: [east(90)], stands: null })).toBe(null);
    expect(judged({ east: [east(90)], stands: east(10) })).toBe(null);
  });
});

it("opens with the window that was stated for its source, on the way back with none", () => {
  const made = claimOn(claimedState(config), {});
  if (!made.claimed) throw new Error("It is claimed.");
  const lossBound = { ...made.lossBound, sourceAhead: 90_000 };
  const opened = (difference: Partial<GrantedClaim>) =>
    openedReport(config, { ...made, lossBound, ...difference }, null, now);
  expect(opened({})).toMatchObject({
    source: "us-east-1",
    window: { from: now - 18_000, to: now },
    sourceAhead: 90_000,
  });
  expect(opened({ next: "restore", promoted: true })).toMatchObject({
    source: "us-west-2",
    window: null,
    sourceAhead: null,
  });
});

it("reads epoch and time off a version, and nothing off another's", () => {
  const parts = versionParts("00000012.001768467600000.r-1.002");
  expect(parts).toEqual({ epoch: 12, at: 1_768_467_600_000 });
  expect(versionParts("v-1")).toBe(null);
});

it("leaves a report open until it is acknowledged, unless it says that nothing diverged", () => {
  const report: Divergence = {
    ...{ epoch: 2, source: "a", target: "b", fencedAt: 1, promotedAt: 2, mark: null },
    ...{ window: null, detail: "", through: null, next: { shard: 0, after: null } },
    ...{ compared: 0, items: 0, fenced: 0, discarded: 0, pages: 0, hash: "", acknowledged: null },
    mode: "automatic",
    status: "listed",
  };
  const open = (difference: Partial<Divergence>) => isOpen({ ...report, ...difference });
  expect(open({})).toBe(false);
  expect(open({ items: 1 })).toBe(true);
  expect(open({ items: 1, acknowledged: { by: "ops", at: 3, hash: "" } })).toBe(false);
  expect(open({ status: "waiting" })).toBe(true);
  expect(open({ status: "unlistable" })).toBe(true);
});
