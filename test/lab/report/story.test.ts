import { describe, expect, test } from "vitest";
import type { Json } from "../../../lab/kernel.ts";
import { story, tell } from "../../../lab/report/story.ts";
import { atSecond, config, primary, scriptedLog, secondary, zero } from "../scripted-log.ts";

function told(kind: string, detail: { [key: string]: Json }, region: string | null = null) {
  return tell(scriptedLog().emit(1, kind, detail, region), config);
}

/** The sentence and tone with which a ledger entry is told; null: not at all. */
function toldEntry(kind: "decision" | "claim" | "outcome" | "undo", sentence: string) {
  const script = scriptedLog();
  script.ledger(1, { kind, epoch: 2, sentence });
  const [event] = script.log.events;
  const line = event ? tell(event, config) : null;
  return line && `${line.tone}: ${line.text}`;
}

describe("a line of the story", () => {
  test.each([
    [
      "fault",
      { kind: "endpoint", regions: [primary], parameters: "mode error", note: "a storm" },
      primary,
      { region: primary, tone: "bad", text: "FAULT endpoint (mode error): a storm" },
    ],
    [
      "fault",
      { kind: "partition", regions: [primary, secondary], parameters: "" },
      null,
      { region: null, tone: "bad", text: "FAULT partition between us-east-1 and us-west-2" },
    ],
    [
      "variables-set",
      { function: "orders-api", env: { HEALTH_STATUS: "404" }, note: "sick leave" },
      primary,
      {
        region: primary,
        tone: "key",
        text: "SET orders-api HEALTH_STATUS=404: sick leave",
      },
    ],
    ["heal", { id: "outage" }, null, { region: null, tone: "good", text: "HEALED outage" }],
    [
      "operator",
      { command: "failback", by: "alice@example.com", mode: "planned" },
      null,
      { region: null, tone: "key", text: "alice@example.com: failback (planned)" },
    ],
    [
      "operator",
      { command: "failover", by: "alice@example.com", mode: "forced", dryRun: true },
      null,
      { region: null, tone: "key", text: "alice@example.com: failover (forced, dry run)" },
    ],
    [
      "operator",
      { command: "approve", by: "bob@example.com", mode: "planned" },
      null,
      { region: null, tone: "key", text: "bob@example.com: approve" },
    ],
    [
      "operator-refused",
      { command: "approve", by: "bob@example.com", why: "Error: no approval is pending" },
      null,
      {
        region: null,
        tone: "bad",
        text: "refused: approve by bob@example.com: Error: no approval is pending",
      },
    ],
    [
      "dns-answer-changed",
      { name: "api.example.com", type: "A", answer: "us-west-2" },
      null,
      { region: null, tone: "key", text: "Route 53 now answers us-west-2 for api.example.com" },
    ],
    [
      "health-check-status",
      { name: "orders-endpoint-us-east-1", healthy: false },
      null,
      {
        region: null,
        tone: "bad",
        text: "health check orders-endpoint-us-east-1 is unhealthy",
      },
    ],
    [
      "health-check-updated",
      { name: "orders-switch-us-east-1", inverted: true, version: 2 },
      null,
      {
        region: null,
        tone: "plain",
        text: "Route 53's API accepted orders-switch-us-east-1 inverted (version 2)",
      },
    ],
    [
      "health-event",
      { code: "DYNAMODB", impacted: primary, status: "open" },
      secondary,
      { region: secondary, tone: "key", text: "AWS Health: DYNAMODB in us-east-1 is open" },
    ],
    [
      "notification",
      { subject: "Switchback: orders is asked" },
      secondary,
      { region: secondary, tone: "key", text: "paged: Switchback: orders is asked" },
    ],
    [
      "execution-ended",
      { status: "FAILED", error: "SwitchUndone" },
      secondary,
      { region: secondary, tone: "bad", text: "region-switch ended FAILED: SwitchUndone" },
    ],
    [
      "denied",
      { action: "sns:Publish", resource: "topic", principal: "role" },
      primary,
      { region: primary, tone: "bad", text: "DENIED sns:Publish on topic to role" },
    ],
    [
      "invariant-violated",
      { name: "converges", sentence: "It does not." },
      null,
      { region: null, tone: "bad", text: "INVARIANT converges violated: It does not." },
    ],
  ])("tells %s %j", (kind, detail, region, line) => {
    expect(told(kind, detail, region)).toEqual(line);
  });

  test("is no line for what a reader need not see", () => {
    expect(told("request", { client: 1 })).toBeNull();
    expect(told("execution-ended", { status: "SUCCEEDED" })).toBeNull();
    expect(told("notification", { subject: "OK: alarm" })).toBeNull();
    expect(told("item-written", { sk: "heartbeat#us-east-1", item: {} })).toBeNull();
    const dns = { name: "_region.api.example.com", type: "TXT", answer: "us-west-2" };
    expect(told("dns-answer-changed", dns)).toBeNull();
    expect(
      told("dns-answer-changed", { ...dns, name: "api.example.com", type: "AAAA" }),
    ).toBeNull();
  });

  test("is the ledger's own sentence, in the tone of what it announces", () => {
    expect(toldEntry("decision", "Go: failover.")).toBe("key: Go: failover.");
    expect(toldEntry("claim", "Claims epoch 2.")).toBe("plain: Claims epoch 2.");
    expect(toldEntry("outcome", "Switched.")).toBe("good: Switched.");
    expect(toldEntry("undo", "Undoes it.")).toBe("bad: Undoes it.");
  });

  test("is left out where an outcome repeats its decision, and kept where it asked in vain", () => {
    expect(toldEntry("outcome", "Held: no quorum.")).toBeNull();
    expect(toldEntry("outcome", "Dry run: failover.")).toBeNull();
    expect(toldEntry("outcome", "Held: ApprovalNotAsked.")).toBe("good: Held: ApprovalNotAsked.");
  });
});

describe("the story", () => {
  test("says once, too, what is said in turn minute by minute, until something happens outside", () => {
    const { log, emit } = scriptedLog();
    const held = (second: number, region: string, subject = "still held") =>
      emit(second, "notification", { subject }, region);
    for (const second of [10, 20, 30]) {
      held(second, primary);
      held(second + 1, secondary);
    }
    held(40, secondary, "something else");
    held(50, primary);
    emit(60, "heal", { id: "a" });
    held(71, secondary);
    const lines = story(log.events, config, zero);
    expect(lines.map(({ text, region, times }) => `${times} ${region} ${text}`)).toEqual([
      "4 us-east-1 paged: still held",
      "3 us-west-2 paged: still held",
      "1 us-west-2 paged: something else",
      "1 null HEALED a",
      "1 us-west-2 paged: still held",
    ]);
  });

  test("says again what was said four lines ago", () => {
    const { log, emit } = scriptedLog();
    for (const [second, subject] of ["a", "b", "c", "d", "e", "a"].entries()) {
      emit(second, "notification", { subject }, primary);
    }
    const lines = story(log.events, config, zero);
    expect(lines.map(({ text }) => text.slice(-1)).join("")).toBe("abcdea");
  });

  test("begins at 0s, and says once what was said again without anything between", () => {
    const { log, emit } = scriptedLog();
    emit(-5, "heal", { id: "early" });
    for (const second of [10, 20, 30]) {
      emit(second, "notification", { subject: "still held" }, primary);
      emit(second, "request", {});
    }
    emit(40, "notification", { subject: "still held" }, secondary);
    emit(50, "heal", { id: "a" });
    emit(60, "notification", { subject: "still held" }, secondary);
    const lines = story(log.events, config, zero);
    expect(lines.map(({ text, region, times }) => `${times} ${region} ${text}`)).toEqual([
      "3 us-east-1 paged: still held",
      "1 us-west-2 paged: still held",
      "1 null HEALED a",
      "1 us-west-2 paged: still held",
    ]);
    expect(lines[0]).toMatchObject({ at: atSecond(10), lastAt: atSecond(30) });
  });

  test("says once what wakes run after run, until something else happened", () => {
    const { log, emit } = scriptedLog();
    const start = (second: number, signal: string | null) =>
      emit(second, "execution-started", { input: signal === null ? {} : { signal } }, secondary);
    start(10, "watch: a");
    start(20, "gate: b");
    start(30, "watch: a");
    start(35, null);
    emit(40, "heal", { id: "x" });
    start(50, "watch: a");
    expect(story(log.events, config, zero).map(({ text }) => text)).toEqual([
      "Woken by watch: a",
      "Woken by gate: b",
      "HEALED x",
      "Woken by watch: a",
    ]);
  });
});
