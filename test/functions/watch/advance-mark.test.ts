import { describe, expect, it, vi } from "vitest";
import type { JournalEntry, Mark } from "../../../core/contracts/records.ts";
import { addressText } from "../../../core/tables.ts";
import type { Measures } from "../../../functions/metrics.ts";
import { type JournalReader, readBack } from "../../../functions/read-back.ts";
import { advanceMark, fullStride } from "../../../functions/watch/advance-mark.ts";
import { config, nine, steady } from "../steady.ts";
import { controlWith } from "./control.ts";

const hour = 3_600_000;

class World {
  mark: Mark | null = { source: "us-east-1", epoch: 1, at: nine };
  heartbeatAt: number | null = nine + 63_000;
  readonly source = new Map<string, string>();
  readonly target = new Map<string, string>();
  journal: JournalEntry[] = [];
  readonly put: Mark[] = [];
  readonly stride = fullStride();
  readonly measured: Measures[] = [];
  /** Journal partitions are not answered. */
  hangs = false;
  read = 0;

  /** An order that was journalled; it has arrived unless said otherwise. */
  order(id: string, at: number, where: { source: boolean; target: boolean }, epoch = 1) {
    const version = `v-${id}`;
    const key = { pk: `order#${id}`, sk: "order" };
    const pk = `journal#us-east-1#${epoch}#0#${Math.floor(at / hour)}`;
    const address = { table: "application", key };
    this.journal.push({ pk, sk: String(at), at, ...address, version, expiresAt: 0 });
    if (where.source) this.source.set(addressText(address), version);
    if (where.target) this.target.set(addressText(address), version);
  }

  private reader(items: Map<string, string>): JournalReader {
    return {
      readJournal: async (partition, from, to) => {
        this.read += 1;
        if (this.hangs) await new Promise(() => {});
        return this.journal.filter(({ pk, at }) => pk === partition && at >= from && at <= to);
      },
      readVersions: async (addresses) =>
        new Map(
          addresses.map(addressText).flatMap((text): [string, string][] => {
            const version = items.get(text);
            return version === undefined ? [] : [[text, version]];
          }),
        ),
    };
  }

  get tables() {
    return { source: this.reader(this.source), target: this.reader(this.target) };
  }

  async advance(epoch = 1): Promise<Mark[]> {
    await advanceMark(
      {
        config,
        region: "us-west-2",
        control: controlWith({
          readHeartbeats: async () => ({ "us-east-1": this.heartbeatAt, "us-west-2": nine }),
          readMark: async () => this.mark,
          putMark: async (mark) => {
            this.put.push(mark);
          },
        }),
        application: (region) => this.reader(region === "us-east-1" ? this.source : this.target),
        measure: (measures) => this.measured.push(measures),
      },
      steady({ epoch }),
      this.stride,
    );
    return this.put;
  }
}

const everywhere = { source: true, target: true };

describe("advancing the mark", () => {
  it("moves to 3 s before the source's heartbeat when everything has arrived", async () => {
    const world = new World();
    world.order("a", nine + 1_000, everywhere);
    expect(await world.advance()).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 60_000 }]);
  });

  it("stops before the first order that has not arrived", async () => {
    const world = new World();
    world.order("a", nine + 1_000, everywhere);
    world.order("b", nine + 2_000, { source: true, target: false });
    world.order("c", nine + 3_000, everywhere);
    expect(await world.advance()).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 2_000 }]);
  });

  it("stops before whatever is missing of two epochs that overlap", async () => {
    const world = new World();
    world.order("a", nine + 11_000, { source: true, target: false }, 2);
    world.order("b", nine + 14_000, { source: true, target: false }, 1);
    expect(await world.advance(2)).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 11_000 }]);
  });

  it("passes a write that a later one of its epoch has replaced at the target already", async () => {
    const version = (epoch: number, at: number) =>
      `${String(epoch).padStart(8, "0")}.${String(at).padStart(15, "0")}.r`;
    const cart = { table: "application", key: { pk: "order#hot", sk: "order" } };
    const moved = async (epochThere: number, atThere: number) => {
      const world = new World();
      world.journal.push({
        ...{ pk: `journal#us-east-1#1#0#${nine / hour}`, sk: "1", at: nine + 1_000 },
        ...{ ...cart, version: version(1, nine + 1_000), expiresAt: 0 },
      });
      world.target.set(addressText(cart), version(epochThere, atThere));
      world.source.set(addressText(cart), version(1, nine + 62_000));
      return (await world.advance())[0]?.at;
    };
    expect(await moved(1, nine + 61_000)).toBe(nine + 60_000);
    expect(await moved(1, nine)).toBe(nine + 1_000);
    expect(await moved(0, nine + 61_000)).toBe(nine + 1_000);
  });

  it("passes over an order that was announced and never written", async () => {
    const world = new World();
    world.order("a", nine + 1_000, { source: false, target: false });
    expect(await world.advance()).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 60_000 }]);
  });

  it("stays where it is while the source's heart does not beat", async () => {
    const world = new World();
    world.heartbeatAt = null;
    expect(await world.advance()).toEqual([]);
    world.heartbeatAt = nine + 2_999;
    expect(await world.advance()).toEqual([]);
  });

  it("catches up in steps after a long silence, and says nothing of later entries", async () => {
    const world = new World();
    world.heartbeatAt = nine + 20 * hour;
    expect(await world.advance(2)).toEqual([
      { source: "us-east-1", epoch: 1, at: nine + 6 * hour },
    ]);
    world.mark = { source: "us-east-1", epoch: 1, at: nine + 18 * hour };
    expect((await world.advance(2)).at(-1)).toEqual({
      source: "us-east-1",
      epoch: 2,
      at: nine + 20 * hour - 3_000,
    });
  });

  it("leaves an epoch behind a step after the claim, since gates go by it for some seconds", async () => {
    const world = new World();
    expect(await world.advance(1)).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 60_000 }]);
    world.mark = { source: "us-east-1", epoch: 1, at: nine + 60_000 };
    world.heartbeatAt = nine + 123_000;
    world.put.length = 0;
    expect(await world.advance(2)).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 120_000 }]);
    world.heartbeatAt = nine + 183_000;
    world.put.length = 0;
    expect(await world.advance(2)).toEqual([{ source: "us-east-1", epoch: 2, at: nine + 180_000 }]);
  });

  it("halves its steps while they don't fit, and lengthens them again", async () => {
    const world = new World();
    world.heartbeatAt = nine + 20 * hour;
    world.hangs = true;
    vi.useFakeTimers();
    const late = expect(world.advance()).rejects.toThrow("No answer within 10 s.");
    await vi.advanceTimersByTimeAsync(10_000);
    await late;
    vi.useRealTimers();
    world.hangs = false;
    expect(await world.advance()).toEqual([{ source: "us-east-1", epoch: 1, at: nine + 3 * hour }]);
    expect(world.stride.milliseconds).toBe(6 * hour);
  });

  it("does not go on reading when its time is over", async () => {
    const world = new World();
    world.heartbeatAt = nine + 20 * hour;
    const controller = new AbortController();
    const reading = readBack(world.tables, {
      source: "us-east-1",
      mark: { source: "us-east-1", epoch: 1, at: nine },
      throughEpoch: 1,
      until: nine + 20 * hour,
      clock: nine + 20 * hour,
      signal: controller.signal,
    });
    controller.abort();
    await expect(reading).rejects.toThrow("Nobody waits for this reading any more.");
    expect(world.read).toBe(4);
  });

  it("says how old the mark is, and proves nothing by a journal that has expired", async () => {
    const world = new World();
    await world.advance();
    expect(world.measured).toEqual([{ MarkAgeSeconds: 60 }]);
    world.heartbeatAt = nine + 7 * 24 * hour;
    await expect(world.advance()).rejects.toThrow("its journal goes back 7 days only.");
    world.mark = null;
    await expect(world.advance()).rejects.toThrow("There is no mark of us-east-1");
    expect(world.measured.at(-1)).toEqual({ MarkAgeSeconds: null });
  });
});
