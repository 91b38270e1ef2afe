import { expect, test } from "vitest";
import type { LedgerEntry } from "../../../core/contracts/ledger.ts";
import type { EndedRun } from "../../../functions/adapters/ended-runs.ts";
import {
  type ArchiveMemory,
  archiveBehind,
  emptyArchiveMemory,
} from "../../../functions/watch/archive-behind.ts";
import { config, nine } from "../steady.ts";

const minutes = (count: number) => nine + count * 60_000;
const ended = (name: string, endedAt: number): EndedRun => ({
  executionArn: `arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:${name}`,
  endedAt,
});
const entryOf = (execution: string): LedgerEntry => ({
  ...{ execution, sequence: 1, at: nine, epoch: 1, kind: "outcome", sentence: "Held." },
  ...{ detail: {}, previous: "p", hash: "h" },
});

class World {
  runs: EndedRun[] = [];
  stored: number | null = minutes(-60);
  away = false;
  milliseconds = 0;
  memory: ArchiveMemory = emptyArchiveMemory();
  readonly objects = new Set<string>();
  readonly behind: (number | null | undefined)[] = [];
  asked: number[] = [];

  async minute(): Promise<void> {
    this.milliseconds += 60_000;
    await archiveBehind(
      {
        ...{ config, region: "us-west-2" },
        control: {
          readArchived: async () => this.stored,
          putArchived: async (_region, at) => {
            this.stored = at;
          },
        },
        endedRuns: {
          since: async (at) => {
            this.asked.push(at);
            return this.runs.filter(({ endedAt }) => endedAt > at);
          },
        },
        readLedger: async (execution) => [entryOf(execution)],
        archive: {
          put: async ({ key }) => {
            if (this.away) throw new Error("S3 is away");
            const isNew = !this.objects.has(key);
            this.objects.add(key);
            return isNew;
          },
        },
        measure: ({ UnarchivedRuns }) => this.behind.push(UnarchivedRuns),
        now: () => nine + this.milliseconds,
      },
      this.memory,
    );
  }

  get records(): string[] {
    return [...this.objects].filter((key) => key.endsWith("/record-000001.json"));
  }
}

test("a few runs a minute, those that ended first before others, until none is behind", async () => {
  const world = new World();
  world.runs = [5, 1, 4, 2, 3].map((n) => ended(`run-${n}`, minutes(n - 10)));
  await world.minute();
  expect(world.records).toEqual([
    "orders/runs/run-1/record-000001.json",
    "orders/runs/run-2/record-000001.json",
    "orders/runs/run-3/record-000001.json",
  ]);
  expect(world.stored).toBe(minutes(-7));
  await world.minute();
  expect(world.records).toHaveLength(5);
  expect(world.stored).toBe(minutes(-5));
  await world.minute();
  expect(world.behind).toEqual([2, 0, 0]);
});

test("while S3 is away the number of what is behind says so, and nothing passes for archived", async () => {
  const world = new World();
  world.runs = [ended("run-1", minutes(-10))];
  world.away = true;
  await expect(world.minute()).rejects.toThrow("S3 is away");
  expect([world.behind, world.stored]).toEqual([[1], minutes(-60)]);
  world.away = false;
  await world.minute();
  expect([world.behind, world.stored]).toEqual([[1, 0], minutes(-10)]);
});

test("a new container goes on from what is stored, five minutes before it", async () => {
  const world = new World();
  world.stored = minutes(-20);
  world.runs = [ended("old", minutes(-30)), ended("late", minutes(-22))];
  await world.minute();
  expect(world.asked).toEqual([minutes(-25)]);
  expect(world.records).toEqual(["orders/runs/late/record-000001.json"]);
  // What was listed late is before the mark, which never goes back.
  expect(world.stored).toBe(minutes(-20));
});

test("the first deployment begins with its own minute", async () => {
  const world = new World();
  world.stored = null;
  await world.minute();
  expect(world.stored).toBe(minutes(1));
});

test("a run that was redriven and has ended again is archived again", async () => {
  const world = new World();
  world.runs = [ended("run-1", minutes(-10))];
  await world.minute();
  world.objects.clear();
  await world.minute();
  expect(world.records).toEqual([]);
  world.runs = [ended("run-1", minutes(1))];
  await world.minute();
  expect(world.records).toEqual(["orders/runs/run-1/record-000001.json"]);
  expect(world.stored).toBe(minutes(1));
});

test("reconcile's own chains follow once their minute is over", async () => {
  const world = new World();
  const minute = Math.floor(nine / 60_000);
  world.memory.chains.add(`reconcile/us-west-2/${minute + 1}`);
  await world.minute();
  expect([world.records, world.behind]).toEqual([[], [1]]);
  await world.minute();
  expect(world.records).toEqual([`orders/reconcile/us-west-2/${minute + 1}/record-000001.json`]);
  expect(world.behind).toEqual([1, 0]);
});
