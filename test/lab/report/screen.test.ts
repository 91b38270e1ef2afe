import { PassThrough } from "node:stream";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { formatClock } from "../../../lab/report/clock-words.ts";
import type { DrillResult } from "../../../lab/report/result.ts";
import { paint, printSeeds, printStory } from "../../../lab/report/screen.ts";
import { checkScenario } from "../../../lab/scenarios/load.ts";
import { settings } from "../../core/world.ts";
import { primary, scriptedLog, zero } from "../scripted-log.ts";
import { failover, result } from "./result.ts";

const plain = pc.createColors(false);

function printed(print: (out: PassThrough) => void): string {
  const out = new PassThrough();
  print(out);
  // What one read answers, a chunk or all there is, changed with Node 26.
  let text = "";
  for (let read = out.read(); read !== null; read = out.read()) text += String(read);
  return text;
}

function screen(difference: Partial<DrillResult> = {}, colours = plain, config = {}): string {
  const { log, emit } = scriptedLog();
  emit(120, "fault", { kind: "region-down", regions: [primary] }, primary);
  for (const second of [3700, 3760]) emit(second, "notification", { subject: "held" }, primary);
  const description = "The primary goes down.";
  const scenario = { name: "an-outage", description, until: "90m", config };
  const loaded = checkScenario(scenario, "f.json", settings);
  const run = { loaded, zero, events: log.events, result: { ...result, ...difference } };
  return printed((out) => printStory(run, out, colours));
}

/** A table's rows without its borders. */
const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) =>
      line
        .split("│")
        .map((cell) => cell.trim())
        .filter((cell) => cell !== "")
        .join(": "),
    );

describe("the screen", () => {
  test("tells the story top to bottom, with time, Region and what happened", () => {
    const lines = screen().split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "an-outage, seed 7: The primary goes down.",
      "primary us-east-1, secondary us-west-2, witness us-east-2; simulated in the lab",
      "",
      "0:02:00  us-east-1       FAULT region-down",
      "1:01:40  us-east-1       paged: held (2 times, until 1:02:40)",
      "",
    ]);
  });

  test("ends with a short table of the switch, then of the drill, then the verdict", () => {
    expect(rows(screen())).toEqual([
      "automatic failover, us-east-1 → us-west-2: SUCCEEDED",
      "impact / signal / decided: 0:02:00 / 0:02:30 / 0:02:40",
      "shifted / completed: 0:03:10 / 1:03:35",
      "RTO p50 / p99 as clients saw it: 68 s / 104 s",
      "with resolvers that ignore TTL: 69 s / unknown",
      "loss bound / lost writes: 18 s / 0",
      "write pause: 12 s",
      "levers: switch effective, drain accepted",
      "Route 53 control-plane calls: 3",
      "state transitions: 24",
      "requests / failed: 900 / 30",
      "acknowledged writes / lost: 400 / 1",
      "failed during planned switches: 0",
      "serving at the end / epoch: us-west-2 / 2",
      "invariants: 2 hold (111 checks)",
      "denied calls: 0",
      "took: 1h30m in 9.4 s",
      "log: 0123456789abcdef",
    ]);
    expect(screen().endsWith("\npassed\n")).toBe(true);
  });

  describe("with Route 53 alone", () => {
    const baseline = {
      simulated: true as const,
      rtoSeconds: { p50: 81.1, p99: 95.7 },
      rtoSecondsAll: { p50: 81.1, p99: null },
      ...{ failed: 278, movedAt: 162.1, healedAt: 1500 },
    };
    const shown = (difference = {}) =>
      screen({ switches: [{ ...failover, baseline: { ...baseline, ...difference } }] });

    test("stands beside the switch, and says that it is simulated", () => {
      const table = rows(shown());
      const at = table.indexOf("Route 53 alone, simulated: p50 / p99: 81.1 s / 95.7 s");
      expect(table[at - 1]).toBe("with resolvers that ignore TTL: 69 s / unknown");
      expect(table[at + 1]).toBe("with resolvers that ignore TTL: 81.1 s / never");
    });

    test.each([
      [{}, "clients would have been sent elsewhere at 0:02:42"],
      [{ movedAt: null }, "clients would have stayed at us-east-1, which healed at 0:25:00"],
      [
        { movedAt: null, healedAt: null },
        "clients would have stayed at us-east-1, which stayed broken",
      ],
    ])("says where clients would have gone: %j", (difference, where) => {
      expect(shown(difference)).toContain(
        `\nRoute 53 alone, simulated: ${where}; 278 requests would have failed.\n`,
      );
    });

    test("is shortened to a line a seed, and left out where there is none", () => {
      const switches = [{ ...failover, baseline }, failover];
      const text = printed((out) => printSeeds([{ ...result, switches }], out, plain));
      expect(text).toContain("RTO p50/p99 68/104 s (Route 53 alone 81.1/95.7 s), 68/104 s, lost 1");
    });

    test("that could not be simulated is no secret", () => {
      expect(screen({ baselineFailure: "it ended with SIGKILL." })).toContain(
        "\nRoute 53 alone could not be simulated: it ended with SIGKILL.\n",
      );
    });
  });

  test("says who comes back beside whom where both serve in the end", () => {
    const serving = ["us-east-1", "us-west-2"];
    const back = {
      ...{ ...failover, direction: "failback" as const, mode: "planned" as const },
      ...{ from: "us-west-2", to: "us-east-1", serving },
    };
    const both = { topology: "active-active" };
    const shown = rows(screen({ switches: [back], serving }, plain, both));
    expect(shown).toContain("write pause: none");
    expect(shown).toContain("planned failback, us-east-1 back beside us-west-2: SUCCEEDED");
    expect(shown).toContain("serving at the end / epoch: us-east-1 and us-west-2 / 2");
  });

  test("shows no RTO of a planned switch, and a dash for a time that there was none of", () => {
    const planned = { ...failover, mode: "planned" as const, impactAt: null, signalAt: null };
    const shown = rows(screen({ switches: [planned] }));
    expect(shown.filter((row) => row.startsWith("RTO"))).toEqual([]);
    expect(shown).toContain("impact / signal / decided: — / — / 0:02:40");
  });

  test("names the invariants that were violated, and every failure", () => {
    const text = screen({
      passed: false,
      failures: ["Expected this.", "Invariant converges: It does not."],
      invariants: [
        { name: "some-region-serves", checked: 100, violated: 0 },
        { name: "converges", checked: 11, violated: 2 },
      ],
    });
    expect(rows(text)).toContain("invariants: converges violated 2 times");
    expect(text.split("\n").slice(-4)).toEqual([
      "✗ Expected this.",
      "✗ Invariant converges: It does not.",
      "failed",
      "",
    ]);
  });

  test("has colours only where they are wanted", () => {
    const esc = String.fromCharCode(27);
    expect(screen()).not.toContain(esc);
    expect(screen({}, pc.createColors(true))).toContain(`${esc}[31mFAULT region-down`);
    const file = Object.assign(new PassThrough(), { isTTY: false });
    expect(paint(file as unknown as NodeJS.WriteStream).isColorSupported).toBe(false);
  });

  test.each([
    [0, "0:00:00"],
    [59.9, "0:00:59"],
    [3661, "1:01:01"],
    [-60, "-0:01:00"],
    [360_000, "100:00:00"],
  ])("writes %d s as %s", (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });
});

describe("the seeds", () => {
  test("of several scenarios say which", () => {
    const other = { ...result, scenario: "sick-target", passed: false };
    const text = printed((out) =>
      printSeeds([{ ...result, scenario: "short" }, other], out, plain),
    );
    expect(text.split("\n").slice(0, 2)).toEqual([
      "short        seed    7  passed  RTO p50/p99 68/104 s, lost 1, 9.4 s",
      "sick-target  seed    7  failed  RTO p50/p99 68/104 s, lost 1, 9.4 s",
    ]);
  });

  test("are a line each with verdict and RTO, failures below, and a count at the end", () => {
    const failed = { ...result, seed: 12, passed: false, failures: ["Expected this."] };
    const still = { ...result, seed: 13, switches: [{ ...failover, mode: "planned" as const }] };
    const text = printed((out) => printSeeds([result, failed, still], out, plain));
    expect(text.split("\n")).toEqual([
      "seed    7  passed  RTO p50/p99 68/104 s, lost 1, 9.4 s",
      "seed   12  failed  RTO p50/p99 68/104 s, lost 1, 9.4 s",
      "           ✗ Expected this.",
      "seed   13  passed  no unplanned switch, lost 1, 9.4 s",
      "2 passed, 1 failed",
      "",
    ]);
  });
});
