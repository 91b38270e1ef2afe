import { expect, test } from "vitest";
import type { JournalEntry } from "../../../core/contracts/records.ts";
import { checkDrain } from "../../../functions/check-drain/check-drain.ts";
import { config, now } from "../../core/world.ts";
import { claimedState, claimOn, markDoor, routingDoor, run, told } from "../fakes.ts";

const state = claimedState(config, "planned");
const input = { run, claim: claimOn(state), round: 1 };
const hour = Math.floor(now / 3_600_000) - 1;

function entry(id: string, version: string, secondsBefore: number): JournalEntry {
  const key = { pk: `order#${id}`, sk: "order" };
  const at = now - secondsBefore * 1_000;
  return { pk: "", sk: "", at, key, version, expiresAt: 0 };
}

/** What each Region's table holds: journal by partition, versions by order, newest heartbeat. */
interface Seen {
  readonly journal?: Record<string, JournalEntry[]>;
  readonly versions?: Record<string, string>;
  readonly heartbeat?: number | null;
}

function portsOf(tables: Record<string, Seen>, markAt = now - 60_000) {
  const application = (region: string) => ({
    async readJournal(partition: string, from: number, to: number) {
      const entries = tables[region]?.journal?.[partition] ?? [];
      return entries.filter(({ at }) => at >= from && at <= to);
    },
    async readVersions(keys: readonly { pk: string; sk: string }[]) {
      const versions = tables[region]?.versions ?? {};
      return new Map(
        keys.flatMap(({ pk, sk }) => {
          const version = versions[pk];
          return version === undefined ? [] : [[`${pk}|${sk}`, version] as const];
        }),
      );
    },
    oldestHeartbeat: async () => tables[region]?.heartbeat ?? null,
  });
  const mark = markDoor({ source: "us-east-1", epoch: 1, at: markAt });
  const control = Object.assign(routingDoor(state), mark);
  return { application, control, ledger: told().ledger, now: () => now };
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
  expect((await checkDrain(portsOf(tables, now - 10_000), config, input)).checked).toBe(0);
});

test("By heartbeats: drained once every shard shows a beat from after the gates closed", async () => {
  const byHeartbeats = { ...config, drain: "heartbeats" as const };
  const beatAt = async (heartbeat: number | null) => {
    const ports = portsOf({ "us-west-2": { heartbeat } });
    return (await checkDrain(ports, byHeartbeats, input)).drained;
  };
  expect(await beatAt(null)).toBe(false);
  expect(await beatAt(state.claimedAt + 6_999)).toBe(false);
  expect(await beatAt(state.claimedAt + 7_000)).toBe(true);
});
