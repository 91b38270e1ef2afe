import { describe, expect, test } from "vitest";
import { Vouching } from "../../../lab/checkers/vouching.ts";
import { atSecond, primary, run, scriptedLog, secondary, witness } from "../scripted-log.ts";

function watching(offset = 0) {
  const script = scriptedLog();
  const vouching = new Vouching((at, region) => (region === secondary ? at - offset : at));
  script.log.on((event) => vouching.take(event));
  const vouchedAt = (second: number, serving = secondary, execution = run) =>
    vouching.vouchedAt({
      ...{ serving, execution, asOf: atSecond(second) },
      vantages: [primary, secondary, witness],
    });
  return { script, vouchedAt };
}

/** What the run in the secondary decided on: one vantage point's three looks at the secondary. */
const decision = (vantage: string, passed: number, at: number | null, verdict = "healthy") => ({
  executionArn: run,
  evidence: {
    reports: [
      {
        ...{ vantage, serving: secondary, verdict, looks: 3, passed },
        ...{ at, detail: "", healthySince: null },
      },
    ],
  },
});

describe("a target is vouched for", () => {
  test("by the newest look that passed, from outside the Region alone", () => {
    const { script, vouchedAt } = watching();
    script.look(1, secondary, secondary);
    expect(vouchedAt(1)).toBeNull();
    script.look(2, witness, secondary);
    script.look(3, primary, secondary);
    script.look(4, witness, secondary, false);
    expect(vouchedAt(4)).toBe(atSecond(3));
    expect(vouchedAt(4, primary)).toBeNull();
  });

  test("by what looks had said by then, not by what they said later", () => {
    const { script, vouchedAt } = watching();
    script.look(1, witness, secondary, false);
    script.look(3, witness, secondary);
    script.look(6, witness, secondary, false);
    expect([2, 5, 6].map((second) => vouchedAt(second))).toEqual([null, atSecond(3), null]);
  });

  test("by what the run itself decided on, though another run's look has failed since", () => {
    const { script, vouchedAt } = watching();
    script.look(5, witness, secondary);
    script.emit(6, "decision", decision(witness, 3, atSecond(5)));
    script.look(8, witness, secondary, false);
    expect(vouchedAt(9)).toBe(atSecond(5));
    expect(vouchedAt(9, secondary, "another run")).toBeNull();
    script.emit(10, "decision", decision(witness, 0, atSecond(9)));
    expect(vouchedAt(11)).toBeNull();
  });

  test("by a decision's looks only where they all passed, from outside, and by true time", () => {
    const vouched = (
      vantage: string,
      passed: number,
      at: number | null,
      { offset = 0, verdict = "healthy" } = {},
    ) => {
      const { script, vouchedAt } = watching(offset);
      script.emit(6, "decision", decision(vantage, passed, at, verdict));
      return vouchedAt(9);
    };
    expect(vouched(witness, 3, atSecond(5), { offset: 2_000 })).toBe(atSecond(3));
    expect(vouched(witness, 2, atSecond(5))).toBeNull();
    expect(vouched(witness, 3, atSecond(5), { verdict: "unknown" })).toBeNull();
    expect(vouched(witness, 3, null)).toBeNull();
    expect(vouched(secondary, 3, atSecond(5))).toBeNull();
  });
});
