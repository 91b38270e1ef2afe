import { expect, test } from "vitest";
import type { ItemAddress, JournalEntry } from "../../../core/contracts/records.ts";
import { addressText } from "../../../core/tables.ts";
import { checkDrain } from "../../../functions/check-drain/check-drain.ts";
import { config, now } from "../../core/world.ts";
import {
  abortDoor,
  claimedState,
  claimOn,
  markDoor,
  routingDoor,
  run,
  told,
  wish,
} from "../fakes.ts";

const state = claimedState(config, "planned");
const input = { run, claim: claimOn(state), round: 1 };
const hour = Math.floor(now / 3_600_000) - 1;

function entry(id: string, version: string, secondsBefore: number): JournalEntry {
  const key = { pk: `order#${id}`, sk: "order" };
  const at = now - secondsBefore * 1_000;
  return { pk: "", sk: "", at, table: "application", key, version, expiresAt: 0 };
}

/** What each Region's table holds: journal by partition, versions by order, newest heartbeat. */
interface Seen {
  readonly journal?: Record<string, JournalEntry[]>;
  readonly versions?: Record<string, string>;
  readonly heartbeat?: number | null;
}

interface World {
  readonly markAt?: number | null;
  /** The source's control-table heartbeat; null: never seen. */
  readonly beatAt?: number | null;
}

function portsOf(tables: Record<string, Seen>, world: World = {}) {
  const { markAt = now - 60_000, beatAt = now - 4_000 } = world;
  let waited = 0;
  const application = (region: string) => ({
    async readJournal(partition: string, from: number, to: number) {
      const entries = tables[region]?.journal?.[partition] ?? [];
      return entries.filter(({ at }) => at >= from && at <= to);
    },
    async readVersions(addresses: readonly ItemAddress[]) {
      const versions = tables[region]?.versions ?? {};
      return new Map(
        addresses.flatMap((address) => {
          const version = versions[address.key.pk ?? address.key.userId ?? ""];
          return version === undefined ? [] : [[addressText(address), version] as const];
        }),
      );
    },
    // Beats go on while the drain waits.
    oldestHeartbeat: async () => {
      const heartbeat = tables[region]?.heartbeat ?? null;
      return heartbeat === null ? null : heartbeat + Math.floor(waited / 10_000) * 10_000;
    },
  });
  const mark = markDoor(markAt === null ? null : { source: "us-east-1", epoch: 1, at: markAt });
  const readHeartbeats = async () => ({ "us-east-1": beatAt, "us-west-2": now });
  const control = Object.assign(routingDoor(state), mark, { readHeartbeats });
  const sleep = async (milliseconds: number) => {
    waited += milliseconds;
  };
  return { application, control, ledger: told().ledger, now: () => now + waited, sleep };
}

const journal = (entries: JournalEntry[]) => ({ [`journal#us-east-1#1#0#${hour}`]: entries });

test("Drained when every announced version is readable at the target", async () => {
  const ports = portsOf({
    "us-east-1": { journal: journal([entry("a", "v1", 30), entry("b", "v1", 20)]) },
    "us-west-2": { versions: { "order#a": "v1", "order#b": "v1" } },
  });
  expect(await checkDrain(ports, config, input)).toEqual({
    drained: true,
    missing: 0,
    checked: 2,
    detail: "All 2 items written since the mark are readable in us-west-2.",
  });
});

test("One older version at the target is one missing", async () => {
  const ports = portsOf({
    "us-east-1": {
      journal: journal([entry("a", "v1", 30), entry("a", "v2", 20), entry("b", "v1", 10)]),
      versions: { "order#a": "v2", "order#b": "v1" },
    },
    "us-west-2": { versions: { "order#a": "v1", "order#b": "v1" } },
  });
  const drain = await checkDrain(ports, config, input);
  expect([drain.drained, drain.missing, drain.checked]).toEqual([false, 1, 2]);
});

test("An announced write that was never made does not hold the drain", async () => {
  const ports = portsOf({
    "us-east-1": { journal: journal([entry("a", "v1", 30)]), versions: {} },
    "us-west-2": { versions: {} },
  });
  expect((await checkDrain(ports, config, input)).drained).toBe(true);
});

test("Nor does one whose item only the target has", async () => {
  const ports = portsOf({
    "us-east-1": { journal: journal([entry("a", "v1", 30)]), versions: {} },
    "us-west-2": { versions: { "order#a": "v0" } },
  });
  expect((await checkDrain(ports, config, input)).drained).toBe(true);
});

test("What the mark vouches for is not read again", async () => {
  const tables = { "us-east-1": { journal: journal([entry("a", "v1", 30)]) } };
  expect((await checkDrain(portsOf(tables, { markAt: now - 10_000 }), config, input)).checked).toBe(
    0,
  );
});

test("An entry of a source whose clock is hours ahead is read, too", async () => {
  const ahead = Math.floor((now + 7_200_000) / 3_600_000);
  const early = entry("a", "v1", -7_200_000 / 1_000);
  const tables = {
    "us-east-1": {
      journal: { [`journal#us-east-1#1#0#${ahead}`]: [early] },
      versions: { "order#a": "v1" },
    },
  };
  const drain = await checkDrain(portsOf(tables, { beatAt: now + 7_190_000 }), config, input);
  expect([drain.drained, drain.missing]).toEqual([false, 1]);
});

test("Without a mark nothing is drained", async () => {
  expect(await checkDrain(portsOf({}, { markAt: null }), config, input)).toEqual({
    drained: false,
    missing: null,
    checked: 0,
    detail: "There is no mark of us-east-1: nothing says where to begin reading.",
  });
});

test("Nor is anything beyond the journal's life, whose entries have expired", async () => {
  const days = (count: number) => now - count * 86_400_000;
  expect((await checkDrain(portsOf({}, { markAt: days(6.9) }), config, input)).drained).toBe(true);
  const drain = await checkDrain(portsOf({}, { markAt: days(7) }), config, input);
  expect(drain.drained).toBe(false);
  expect(drain.detail).toContain("its journal goes back 7 days only");
});

const byHeartbeats = { ...config, drain: "heartbeats" as const };
async function drainedBy(heartbeat: number | null, beatAt: number | null = now - 4_000) {
  const ports = portsOf({ "us-west-2": { heartbeat } }, { beatAt });
  const { drained } = await checkDrain(ports, byHeartbeats, input);
  return { drained, waited: ports.now() - now };
}

// The newest beat stands at -4 s: a gate may have passed a write under it until +6 s, and had it
// acknowledged until +8 s.
test("By heartbeats: drained once every shard shows a beat that no open gate can have seen", async () => {
  expect(await drainedBy(now + 8_000)).toEqual({ drained: true, waited: 0 });
  expect(await drainedBy(now + 7_999)).toEqual({ drained: true, waited: 10_000 });
  expect(await drainedBy(now - 4_000)).toEqual({ drained: true, waited: 20_000 });
  expect(await drainedBy(now - 40_000)).toEqual({ drained: false, waited: 25_000 });
});

test("By heartbeats: a source's clock that is ahead proves nothing early", async () => {
  expect(await drainedBy(now + 56_000, now + 56_000)).toEqual({ drained: true, waited: 20_000 });
});

test("By heartbeats: not drained where none was ever seen", async () => {
  expect(await drainedBy(null)).toEqual({ drained: false, waited: 25_000 });
  expect(await drainedBy(now + 8_000, null)).toEqual({ drained: false, waited: 0 });
});

test("an item of a team's own table is drained by its own key", async () => {
  const cart = { ...entry("", "v2", 30), table: "carts", key: { userId: "u-1" } };
  const drained = async (atTarget: string) => {
    const ports = portsOf({
      "us-east-1": { journal: journal([cart]), versions: { "u-1": "v2" } },
      "us-west-2": { versions: { "u-1": atTarget } },
    });
    const { drained, missing, checked } = await checkDrain(ports, config, input);
    return { drained, missing, checked };
  };
  expect(await drained("v1")).toEqual({ drained: false, missing: 1, checked: 1 });
  expect(await drained("v2")).toEqual({ drained: true, missing: 0, checked: 1 });
});

test("A wish to abort is heeded in each round, and not while a switch is undone", async () => {
  const ports = portsOf({ "us-east-1": {}, "us-west-2": {} });
  const control = Object.assign(ports.control, abortDoor(wish));
  await expect(checkDrain({ ...ports, control }, config, input)).rejects.toMatchObject({
    name: "SwitchAborted",
  });
  const undoing = { ...input, claim: claimOn(state, { next: "restore" }) };
  expect(await checkDrain({ ...ports, control }, config, undoing)).toMatchObject({ checked: 0 });
});
