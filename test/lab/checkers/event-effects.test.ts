import { beforeEach, describe, expect, it } from "vitest";
import { EventEffects } from "../../../lab/checkers/event-effects.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { config, type ScriptedLog, scriptedLog, zero } from "../scripted-log.ts";

const event = { id: "e-1", type: "t", data: { text: "it's" } };
const stamp = { writerRegion: "us-east-1", writerEpoch: 1, writtenAt: 5, version: "v" };
/** As process-events stores it: what was sent, as JSON text. */
const storedAs = (data: object) => JSON.stringify(data);
const item = {
  ...{ pk: "event#e-1", sk: "event", id: event.id, type: event.type },
  ...{ data: storedAs(event.data), eventId: "x", ...stamp },
};
const atMinute = (minute: number) => zero + minute * 60_000;
const acknowledged = (minute: number): AcknowledgedWrite => ({
  ...{ id: "e-1", kind: "event", client: 1, at: atMinute(minute) },
  ...{ region: "us-east-1", epoch: null, event },
});

let script: ScriptedLog;
let effects: EventEffects;
let writes: AcknowledgedWrite[];
/** By Region. */
let dead: string[];
let tables: { [region: string]: (typeof item)[] };

beforeEach(() => {
  script = scriptedLog();
  writes = [acknowledged(1)];
  tables = { "us-east-1": [item], "us-west-2": [item] };
  dead = [];
  effects = new EventEffects({
    config,
    log: script.log,
    readAll: (_table, region) => tables[region] ?? [],
    acknowledged: () => writes,
    deadLetters: (region) => (region === "us-west-2" ? dead : []),
  });
});
const written = (region: string, by = "role", as: object = item) =>
  effects.written({ region, by, item: () => as });

describe("the effect of an event", () => {
  it("is right when each Region holds it once, as it was sent", () => {
    written("us-east-1");
    written("us-west-2", "replication");
    expect(effects.sentences(atMinute(30))).toEqual([]);
  });

  it("is right when both Regions inserted it, and their copies met", () => {
    written("us-east-1");
    written("us-west-2");
    written("us-east-1", "replication", { ...item, writerRegion: "us-west-2" });
    expect(effects.sentences(atMinute(30))).toEqual([]);
  });

  it("is wrong when a Region wrote it twice", () => {
    written("us-east-1");
    written("us-east-1");
    expect(effects.sentences(atMinute(30))).toEqual(["Event e-1 was written twice in us-east-1."]);
  });

  it("is wrong when another content took its place", () => {
    written("us-east-1");
    written("us-west-2", "replication", { ...item, data: storedAs({ text: "other" }) });
    expect(effects.sentences(atMinute(30))).toEqual([
      "Event e-1 was overwritten with another content in us-west-2.",
    ]);
  });

  it("is wrong when it is not what the client sent", () => {
    written("us-east-1", "role", { ...item, data: storedAs({ text: "it\\'s" }) });
    expect(effects.sentences(atMinute(30))).toEqual([
      "Event e-1 is not in the table as it was sent.",
    ]);
  });

  it("may wait in a dead-letter queue, beside what nobody can read", () => {
    tables = { "us-east-1": [], "us-west-2": [] };
    const letter = { id: "x", source: "orders", "detail-type": "Event", detail: event };
    dead = ["not JSON", JSON.stringify(letter)];
    expect(effects.sentences(atMinute(16))).toEqual([]);
    dead = ["not JSON", JSON.stringify({ ...letter, detail: { ...event, id: "e-2" } })];
    expect(effects.sentences(atMinute(16))).toHaveLength(2);
  });

  it("may be missing for a quarter of an hour, and while a fault stands", () => {
    tables = { "us-east-1": [item], "us-west-2": [] };
    expect(effects.sentences(atMinute(15))).toEqual([]);
    const missing = [
      "1 acknowledged events have no effect in us-west-2, though all was well for 15 minutes: " +
        "e-1 is one.",
    ];
    expect(effects.sentences(atMinute(16))).toEqual(missing);
    script.emit(120, "fault", { id: "a", kind: "region-down", regions: ["us-west-2"] });
    expect(effects.sentences(atMinute(60))).toEqual([]);
    script.emit(1200, "heal", { id: "a" });
    expect(effects.sentences(atMinute(34))).toEqual([]);
    expect(effects.sentences(atMinute(36))).toEqual(missing);
  });
});
