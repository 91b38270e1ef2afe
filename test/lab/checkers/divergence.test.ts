// The check of divergence reports against what really happened: it must hold for a true report, and
// fail for one that names too few or too many.
import { expect, test } from "vitest";
import type { Divergence, DivergentItem } from "../../../core/contracts/divergence.ts";
import type { Stamp } from "../../../core/contracts/records.ts";
import { DivergenceCheck } from "../../../lab/checkers/divergence.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { config as plain } from "../../core/world.ts";

const config = { ...plain, tables: [{ name: "carts", partitionKey: "userId" }] };
const [east, west] = ["us-east-1", "us-west-2"] as const;

const report: Divergence = {
  ...{ epoch: 2, mode: "forced", source: east, target: west, fencedAt: 100, promotedAt: 108 },
  ...{ mark: null, window: null, detail: "", through: 1_000, next: { shard: 4, after: null } },
  ...{ compared: 2, items: 0, fenced: 0, discarded: 0, pages: 0, hash: "", acknowledged: null },
  status: "listed",
};

class World {
  readonly acknowledged: AcknowledgedWrite[] = [];
  pages: DivergentItem[] = [];
  /** Of the lab, against the writers'. */
  clockIsAhead = 0;
  /** Of the source, against the claimer's, as the report says. */
  sourceAhead: number | null = null;
  reports: Divergence[] = [];
  readonly check = new DivergenceCheck({
    config,
    readAll: () => [
      ...this.reports.map((one) => ({ pk: "divergence#orders", ...one })),
      { pk: "divergence#orders#2", items: this.pages },
    ],
    acknowledged: () => this.acknowledged,
  });

  private tell(id: string, region: string, stamp: Stamp, by: string): void {
    const [table, key] = ["orders-carts", { userId: id }];
    const at = stamp.writtenAt + this.clockIsAhead;
    this.check.written({ table, key, region, at, by, stored: () => ({ userId: id, ...stamp }) });
  }

  write(id: string, region: string, at: number, isAcknowledged = true): Stamp {
    const writerEpoch = region === east ? 1 : 2;
    const version = `v-${writerEpoch}-${String(at).padStart(4, "0")}`;
    const stamp = { writerRegion: region, writerEpoch, writtenAt: at, version };
    this.tell(id, region, stamp, "role");
    if (isAcknowledged) {
      const epoch = writerEpoch;
      this.acknowledged.push({ id, kind: "item", client: 1, at, region, epoch, version });
    }
    return stamp;
  }

  /** What the replica holds after something arrived there. */
  holds(id: string, region: string, stamp: Stamp): void {
    this.tell(id, region, stamp, "replication");
  }

  complete(...items: DivergentItem[]): void {
    this.pages = items;
    const told = { ...report, sourceAhead: this.sourceAhead };
    this.reports = [told];
    const stored = () => ({ pk: "divergence#orders", sk: "00000002", ...told });
    const key = { pk: "divergence#orders", sk: "00000002" };
    this.check.written({ table: "orders-control", key, region: east, at: 0, by: "role", stored });
  }
}

function named(id: string, stands: Stamp, discarded: Stamp[], fenced = false): DivergentItem {
  const told = ({ version, writerRegion: region, writerEpoch: epoch, writtenAt: at }: Stamp) => {
    return { version, region, epoch, at };
  };
  const address = { table: "carts", key: { userId: id } };
  return { ...address, fenced, stands: told(stands), discarded: discarded.map(told) };
}

/** A cart that the target overwrote unseen, and one that a fenced writer wrote. */
function diverged() {
  const world = new World();
  const lost = world.write("a", east, 90);
  const over = world.write("a", west, 200);
  world.holds("a", east, over);
  world.holds("a", west, over);
  const fenced = world.write("b", east, 103);
  world.holds("b", west, fenced);
  return { world, lost, over, fenced };
}

test("a report that names what happened, and nothing else, is right", () => {
  const { world, lost, over, fenced } = diverged();
  world.complete(named("a", over, [lost]), named("b", fenced, [], true));
  expect(world.check.finish()).toEqual([]);
  expect(world.check.judged).toBe(1);
});

test("a discarded write that is not named is a failure, and so is a fenced writer's", () => {
  const { world } = diverged();
  world.complete();
  expect(world.check.finish()).toEqual([
    "The report of epoch 2: v-1-0103 is fenced, and not named.",
    "The report of epoch 2: v-1-0090 is discarded, and not named.",
    "v-1-0090 was discarded, and no report names it.",
  ]);
});

test("what is named and did not happen is a failure", () => {
  const world = new World();
  const seen = world.write("a", east, 90);
  world.holds("a", west, seen);
  // Over the other's write, which was there: nothing is lost.
  const over = world.write("a", west, 200);
  world.holds("a", east, over);
  world.complete(named("a", over, [seen], true));
  expect(world.check.finish()).toEqual([
    "The report of epoch 2: v-2-0200 is named as fenced, and is not.",
    "The report of epoch 2: v-1-0090 is named as discarded, and is not.",
  ]);
});

test("a write that nobody was acknowledged may be named or not", () => {
  for (const isNamed of [true, false]) {
    const world = new World();
    const lost = world.write("a", east, 90, false);
    const over = world.write("a", west, 200);
    world.holds("a", east, over);
    world.complete(...(isNamed ? [named("a", over, [lost])] : []));
    expect(world.check.finish()).toEqual([]);
  }
});

test("while a report waits for its Region, nothing is held against it", () => {
  const { world } = diverged();
  world.reports = [{ ...report, status: "waiting" }];
  expect(world.check.finish()).toEqual([]);
});

test("where clocks differ on whether a writer was fenced, it may be named or not", () => {
  for (const isNamed of [true, false]) {
    const world = new World();
    world.clockIsAhead = 90;
    const early = world.write("a", east, 95);
    world.holds("a", west, early);
    world.complete(...(isNamed ? [named("a", early, [], true)] : []));
    expect(world.check.finish()).toEqual([]);
  }
});

test("where the source's clock is known, whether a writer was fenced is held against that", () => {
  const judged = (at: number, isNamed: boolean) => {
    const world = new World();
    world.clockIsAhead = -90;
    world.sourceAhead = 90;
    const write = world.write("a", east, at);
    world.holds("a", west, write);
    world.complete(...(isNamed ? [named("a", write, [], true)] : []));
    return world.check.finish();
  };
  expect(judged(189, false)).toEqual([]);
  expect(judged(189, true)).toEqual([
    "The report of epoch 2: v-1-0189 is named as fenced, and is not.",
  ]);
  expect(judged(190, true)).toEqual([]);
  expect(judged(190, false)).toEqual(["The report of epoch 2: v-1-0190 is fenced, and not named."]);
});
