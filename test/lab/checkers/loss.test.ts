import { describe, expect, test } from "vitest";
import { InvariantBook } from "../../../lab/checkers/book.ts";
import { LossCheck } from "../../../lab/checkers/loss.ts";
import { Observations } from "../../../lab/checkers/observations.ts";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import {
  atSecond,
  config,
  primary,
  type ScriptedLog,
  scriptedLog,
  secondary,
  steady,
  switching,
  zero,
} from "../scripted-log.ts";

type Order = { pk: string; sk: string; writtenAt: number };
const order = (id: string, second: number): Order => ({
  pk: `order#${id}`,
  sk: "order",
  writtenAt: atSecond(second),
});
const acknowledged = (id: string, second: number, region = primary): AcknowledgedWrite => ({
  id,
  kind: "order",
  client: 1,
  at: atSecond(second),
  region,
  epoch: 1,
});

/** What the two loss invariants say at the secondary's first write of epoch 2; the claim stated
 * that what was written from 5 s before to 15 s after 0s may be missing. */
function judged(world: {
  inPrimary: Order[];
  inSecondary: Order[];
  acknowledged: AcknowledgedWrite[];
  /** What went on after the first claim. */
  later?: (script: ScriptedLog) => void;
}) {
  const script = scriptedLog();
  const seen = new Observations(zero);
  script.log.on((event) => seen.take(event));
  const book = new InvariantBook(script.log);
  const check = new LossCheck(
    {
      config,
      readAll: (_, region) => (region === primary ? world.inPrimary : world.inSecondary),
      acknowledged: () => world.acknowledged,
      knowledge: { isCutOff: () => false },
    },
    book,
  );
  script.claim(10);
  check.firstWrite({ region: primary, epoch: 1, at: atSecond(1) }, seen);
  const before = book.counts().reduce((sum, one) => sum + one.checked, 0);
  world.later?.(script);
  check.firstWrite({ region: secondary, epoch: seen.routing?.epoch ?? 2, at: atSecond(70) }, seen);
  return { before, sentences: book.sentences(), finish: () => check.finish(seen), book };
}

/** Long after the window that the first claim stated. */
const writtenLate = {
  inPrimary: [order("1", 40)],
  inSecondary: [],
  acknowledged: [acknowledged("1", 40)],
};

describe("the check of lost writes", () => {
  test("has nothing to say of the first writer", () => {
    expect(judged({ inPrimary: [], inSecondary: [], acknowledged: [] }).before).toBe(0);
  });

  test("judges a write by the source's clock, not by when its acknowledgement arrived", () => {
    const arrivedLate = {
      inPrimary: [order("1", 14)],
      inSecondary: [],
      acknowledged: [acknowledged("1", 17)],
    };
    expect(judged(arrivedLate).sentences).toEqual([]);
    expect(judged({ ...arrivedLate, inPrimary: [order("1", 17)] }).sentences).toEqual([
      "Invariant bounded-loss: Writes outside the stated window are missing (1).",
    ]);
  });

  test("takes the acknowledgement's time for a write that the source lost as well", () => {
    const gone = { inPrimary: [], inSecondary: [], acknowledged: [acknowledged("1", 17)] };
    expect(judged(gone).sentences).toHaveLength(1);
  });

  test("judges again at the end, when an acknowledgement arrived late", () => {
    const world = { inPrimary: [], inSecondary: [], acknowledged: [] as AcknowledgedWrite[] };
    const { sentences, finish, book } = judged(world);
    expect(sentences).toEqual([]);
    world.acknowledged.push(acknowledged("1", 31), { ...acknowledged("2", 32), epoch: 3 });
    finish();
    expect(book.sentences()).toEqual([
      "Invariant bounded-loss: Writes outside the stated window are missing (1).",
    ]);
  });

  test("takes a take-over's word where the run before it died with its claim, no earlier switch's", () => {
    const world = {
      ...writtenLate,
      later: (script: ScriptedLog) => {
        script.routing(20, steady);
        script.routing(50, { ...switching, epoch: 4 });
        script.routing(60, { ...switching, epoch: 5 });
        const lossBound = { seconds: 20, estimatedWrites: 20, newestAtTarget: atSecond(35) };
        const stated = { ...lossBound, stopBound: atSecond(55) };
        script.claim(61, { epoch: 5, intent: "take-over", lossBound: stated });
      },
    };
    expect(judged(world).sentences).toEqual([]);
    expect(judged({ ...world, inPrimary: [order("1", 14)] }).sentences).toEqual([
      "Invariant bounded-loss: Writes outside the stated window are missing (1).",
    ]);
  });

  test("takes what was decided on for the word of a claim that found no bound any more", () => {
    const bound = { seconds: 20, estimatedWrites: 20, newestAtTarget: atSecond(35) };
    const decided = { ...bound, stopBound: atSecond(55) };
    const world = {
      ...writtenLate,
      later: (script: ScriptedLog) => {
        script.routing(20, steady);
        script.routing(50, { ...switching, epoch: 4 });
        const lossBound = { ...bound, seconds: null, estimatedWrites: null, stopBound: null };
        script.claim(51, { epoch: 4, lossBound, decided });
      },
    };
    expect(judged(world).sentences).toEqual([]);
    expect(judged({ ...world, inPrimary: [order("1", 34)] }).sentences).toEqual([
      "Invariant bounded-loss: Writes outside the stated window are missing (1).",
    ]);
  });

  test("counts what the source acknowledged, and nothing else", () => {
    const elsewhere = {
      inPrimary: [],
      inSecondary: [],
      acknowledged: [acknowledged("1", 100, secondary)],
    };
    expect(judged(elsewhere).sentences).toEqual([]);
  });

  test("takes items of other kinds for no order", () => {
    const heartbeat = { pk: "order#1", sk: "heartbeat", writtenAt: atSecond(17) };
    const hidden = {
      inPrimary: [order("1", 17)],
      inSecondary: [heartbeat],
      acknowledged: [acknowledged("1", 17)],
    };
    expect(judged(hidden).sentences).toHaveLength(1);
  });
});
