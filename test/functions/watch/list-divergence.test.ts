import { describe, expect, it } from "vitest";
import type { Divergence, DivergentItem } from "../../../core/contracts/divergence.ts";
import type { JournalEntry, ReplacementItem } from "../../../core/contracts/records.ts";
import { addressText } from "../../../core/tables.ts";
import { type ComparedTable, listDivergence } from "../../../functions/watch/list-divergence.ts";
import {
  journalEntry,
  replacementEntry,
  versionOf,
} from "../../../functions/write-gate/journal.ts";
import { told } from "../fakes.ts";
import { config, nine, steady } from "../steady.ts";

const opened: Divergence = {
  epoch: 2,
  mode: "automatic",
  source: "us-east-1",
  target: "us-west-2",
  fencedAt: nine + 100_000,
  promotedAt: nine + 108_000,
  mark: { epoch: 1, at: nine + 60_000 },
  window: null,
  status: "waiting",
  detail: "Its items are compared once us-east-1 answers.",
  through: null,
  next: { shard: 0, after: null },
  compared: 0,
  items: 0,
  fenced: 0,
  discarded: 0,
  pages: 0,
  hash: "",
  acknowledged: null,
};

/** Two replicas of carts and their journal; us-east-1 was left for us-west-2. */
class World {
  config = config;
  report = opened;
  epoch = 2;
  seconds = 1_800;
  readonly pages: DivergentItem[][] = [];
  readonly notes = told();
  readonly journal: JournalEntry[] = [];
  readonly replacements: ReplacementItem[] = [];
  readonly items = new Map<string, Map<string, string>>([
    ["us-east-1", new Map()],
    ["us-west-2", new Map()],
  ]);

  /** A journalled write; where it can be seen is another matter. */
  announce(region: string, id: string, second: number, over?: string): string {
    const at = nine + second * 1_000;
    const writerEpoch = region === "us-east-1" ? 1 : 2;
    const version = versionOf(writerEpoch, at, `r-${id}`, 0);
    const stamp = { writerRegion: region, writerEpoch, writtenAt: at, version };
    const address = { table: "carts", key: { userId: id } };
    this.journal.push(journalEntry(address, stamp, { id }));
    if (over !== undefined) this.replacements.push(replacementEntry(address, stamp, over));
    return version;
  }

  stands(id: string, version: string, regions = ["us-east-1", "us-west-2"]): void {
    const key = addressText({ table: "carts", key: { userId: id } });
    for (const region of regions) this.items.get(region)?.set(key, version);
  }

  private table(region: string): ComparedTable {
    return {
      readJournal: async (pk, from, to) =>
        this.journal
          .filter((entry) => entry.pk === pk && pk.startsWith(`journal#${region}#`))
          .filter(({ at }) => at >= from && at <= to),
      readReplacements: async (pk) => this.replacements.filter((one) => one.pk === pk),
      readVersions: async (addresses) =>
        new Map(
          addresses.map(addressText).flatMap((text): [string, string][] => {
            const version = this.items.get(region)?.get(text);
            return version === undefined ? [] : [[text, version]];
          }),
        ),
    };
  }

  async minute(region = "us-east-1"): Promise<Divergence> {
    await listDivergence(
      {
        config: this.config,
        region,
        divergences: {
          list: async () => [this.report],
          extend: async (seen, next, items) => {
            expect(seen).toEqual(this.report);
            this.report = next;
            if (items.length > 0) this.pages.push([...items]);
            return true;
          },
        },
        application: (where) => this.table(where),
        ledger: this.notes.ledger,
        measure: () => undefined,
        now: () => nine + this.seconds * 1_000,
        say: () => undefined,
      },
      steady({ epoch: this.epoch, active: "us-west-2", writer: "us-west-2" }),
    );
    return this.report;
  }

  found() {
    return this.pages.flat().map(({ key, fenced, stands, discarded }) => ({
      id: key.userId,
      fenced,
      stands: stands.version,
      discarded: discarded.map(({ version }) => version),
    }));
  }
}

describe("listing what diverged", () => {
  it("names what a fenced writer wrote and what was discarded, and nothing else", async () => {
    const world = new World();
    world.stands("late", world.announce("us-east-1", "late", 95));
    const fenced = world.announce("us-east-1", "fenced", 104);
    world.stands("fenced", fenced);
    const lost = world.announce("us-east-1", "lost", 96);
    const over = world.announce("us-west-2", "lost", 300);
    world.stands("lost", over);
    const known = world.announce("us-east-1", "known", 61);
    world.stands("known", world.announce("us-west-2", "known", 300, known));
    const report = await world.minute();
    expect(report).toMatchObject({
      ...{ status: "listed", detail: "", compared: 4, items: 2, fenced: 1, discarded: 1 },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const byId = (a: { id?: string | undefined }, b: { id?: string | undefined }) =>
      (a.id ?? "") < (b.id ?? "") ? -1 : 1;
    expect(world.found().sort(byId)).toEqual([
      { id: "fenced", fenced: true, stands: fenced, discarded: [] },
      { id: "lost", fenced: false, stands: over, discarded: [lost] },
    ]);
    expect(world.notes.notes.map(({ kind, sentence }) => [kind, sentence])).toEqual([
      [
        "divergence",
        "Compared 4 items that us-east-1 wrote around the switch of epoch 2: 2 items: 1 by a " +
          "fenced writer, 1 with a discarded write.",
      ],
    ]);
  });

  it("says where the journal entry of each version stands", async () => {
    const world = new World();
    world.announce("us-east-1", "lost", 96);
    world.stands("lost", world.announce("us-west-2", "lost", 300));
    await world.minute();
    const [item] = world.pages.flat();
    expect(item?.discarded[0]?.entry?.pk).toMatch(/^journal#us-east-1#1#[0-3]#491241$/);
  });

  it("waits until the source's writes have arrived, and says how many have not", async () => {
    const world = new World();
    const version = world.announce("us-east-1", "a", 95);
    world.stands("a", version, ["us-east-1"]);
    expect(await world.minute()).toMatchObject({
      status: "waiting",
      detail: "1 items of us-east-1 are not in us-west-2 yet: replication is behind.",
    });
    world.stands("a", version);
    expect(await world.minute()).toMatchObject({ status: "listed", compared: 1, items: 0 });
  });

  it("goes in steps of 80 items, each a page of its own", async () => {
    const world = new World();
    for (let n = 0; n < 700; n += 1) {
      world.stands(`i-${n}`, world.announce("us-east-1", `i-${n}`, 103));
    }
    expect(await world.minute()).toMatchObject({ compared: 700, items: 700, fenced: 700 });
    expect(Math.max(...world.pages.map((page) => page.length))).toBe(80);
    expect(new Set(world.found().map(({ id }) => id)).size).toBe(700);
    expect(world.report.pages).toBe(world.pages.length);
  });

  it("is the business of the Region that was left, once that knows of the switch", async () => {
    const world = new World();
    expect(await world.minute("us-west-2")).toEqual(opened);
    world.epoch = 1;
    expect(await world.minute()).toEqual(opened);
  });

  it("lets gates that may be open close first where coordination is eventual", async () => {
    const world = new World();
    world.config = { ...config, coordination: "eventual" };
    const begun = await world.minute();
    expect(begun).toMatchObject({ status: "waiting", through: nine + 1_808_000 });
    world.seconds += 60;
    expect(await world.minute()).toMatchObject({ status: "listed" });
  });

  it("gives up, with the reason, where the journal does not go back far enough", async () => {
    const world = new World();
    world.seconds = 8 * 86_400;
    expect(await world.minute()).toMatchObject({
      status: "unlistable",
      detail: expect.stringMatching(/can't be listed: .* its journal goes back 7 days only\.$/),
    });
    const unmarked = new World();
    unmarked.report = { ...opened, mark: null };
    expect(await unmarked.minute()).toMatchObject({
      status: "unlistable",
      detail: expect.stringMatching(/There is no mark of us-east-1/),
    });
  });
});
