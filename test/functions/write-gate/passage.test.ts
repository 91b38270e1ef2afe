import { describe, expect, it } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import { apiRequestSchema, json } from "../../../functions/api/answers.ts";
import type { GateAnswer } from "../../../functions/write-gate/gate.ts";
import {
  type Forwarded,
  type PassagePorts,
  passageOf,
} from "../../../functions/write-gate/passage.ts";
import { config } from "../steady.ts";

const request = apiRequestSchema.parse({
  httpMethod: "POST",
  resource: "/orders",
  requestContext: { requestId: "r-1" },
});
const open: GateAnswer = {
  open: true,
  epoch: 3,
  active: "us-east-1",
  remainingMilliseconds: () => 2_000,
};
const shut = { open: false, why: "Shut.", active: "us-east-1", writer: null } as const;
const switching: GateAnswer = { ...shut, isSwitching: true };
const unread: GateAnswer = { ...shut, isSwitching: false };
const elsewhere: GateAnswer = { ...unread, writer: "us-west-2" };
const theirs = json("us-west-2", 201, { id: "o-1" });

/** What the gate says from which ms on, and a clock that only waiting moves. */
class World {
  milliseconds = 0;
  readingTakes = 0;
  mayHold = true;
  forwarded: Forwarded = { kind: "answered", answer: theirs };
  readonly happened: string[] = [];
  readonly measured: object[] = [];
  readonly said: string[] = [];
  readonly ports: PassagePorts;

  constructor(said: readonly (readonly [from: number, answer: GateAnswer])[], of: Config = config) {
    this.ports = {
      config: of,
      region: "us-east-1",
      gate: {
        check: async () => {
          this.milliseconds += this.readingTakes;
          const answer = said.findLast(([from]) => from <= this.milliseconds)?.[1];
          if (answer === undefined) throw new Error("Not planned: a check this early");
          return answer;
        },
      },
      forward: async (to, sent, milliseconds) => {
        expect(sent).toBe(request);
        this.happened.push(`forward to ${to} within ${milliseconds}`);
        return this.forwarded;
      },
      mayHold: async () => {
        this.happened.push("count");
        return this.mayHold;
      },
      wake: async (why, active) => void this.happened.push(`wake: ${why} ${active}`),
      measure: (measures) => void this.measured.push(measures),
      say: (sentence) => void this.said.push(sentence),
      tick: () => this.milliseconds,
      sleep: async (milliseconds) => {
        this.milliseconds += milliseconds;
      },
    };
  }

  pass(difference: Partial<PassagePorts> = {}) {
    return passageOf(request, { ...this.ports, ...difference });
  }
}

describe("a write at the gate", () => {
  it("passes an open one at once", async () => {
    const world = new World([[0, open]]);
    expect(await world.pass()).toEqual({ kind: "open", gate: open });
    expect(world.happened).toEqual([]);
  });

  it("is refused where its own gate opens later than anybody waits for an answer", async () => {
    const late = async (readingTakes: number) => {
      const world = new World([
        [0, switching],
        [7_000, open],
      ]);
      world.readingTakes = readingTakes;
      return world.pass();
    };
    expect(await late(100)).toEqual({ kind: "open", gate: open });
    expect(await late(3_000)).toEqual({
      kind: "refused",
      detail: "A switch was under way for longer than a write may wait. Not written.",
      active: "us-east-1",
    });
  });

  it("is written by the Region that may, whose answer is passed on whatever it says", async () => {
    const world = new World([[0, elsewhere]]);
    expect(await world.pass()).toEqual({ kind: "answered", answer: theirs });
    expect(world.happened).toEqual(["wake: Shut. us-east-1", "forward to us-west-2 within 4000"]);
  });

  it("is held while a switch is under way, and then forwarded to the new writer", async () => {
    const world = new World([
      [0, switching],
      [5_800, elsewhere],
    ]);
    expect(await world.pass()).toEqual({ kind: "answered", answer: theirs });
    expect(world.happened).toEqual([
      "wake: Shut. us-east-1",
      "count",
      "forward to us-west-2 within 3500",
    ]);
    expect(world.milliseconds).toBe(6_000);
  });

  it("passes here after all where the switch was undone meanwhile", async () => {
    const world = new World([
      [0, switching],
      [900, open],
    ]);
    expect(await world.pass()).toEqual({ kind: "open", gate: open });
    expect(world.milliseconds).toBe(1_000);
  });

  it("is held on through a reading that fails", async () => {
    const world = new World([
      [0, switching],
      [400, unread],
      [900, elsewhere],
    ]);
    expect(await world.pass()).toMatchObject({ kind: "answered" });
  });

  it("is refused when the switch takes longer than clients wait", async () => {
    const world = new World([[0, switching]]);
    expect(await world.pass()).toEqual({ kind: "refused", detail: "Shut.", active: "us-east-1" });
    expect(world.milliseconds).toBe(8_000);
  });

  it("is not sent where nobody would wait for the answer any more", async () => {
    const world = new World([
      [0, switching],
      [7_000, elsewhere],
    ]);
    world.readingTakes = 2_700;
    expect(await world.pass()).toMatchObject({ kind: "refused" });
    expect(world.milliseconds).toBe(9_100);
    expect(world.happened).toEqual(["wake: Shut. us-east-1", "count"]);
  });

  it("is not held where nothing can be read: an isolated Region answers at once", async () => {
    const world = new World([[0, unread]]);
    expect(await world.pass()).toMatchObject({ kind: "refused", detail: "Shut." });
    expect(world.milliseconds).toBe(0);
  });

  it("is refused at once where as many are held as may be", async () => {
    const world = new World([[0, switching]]);
    world.mayHold = false;
    expect(await world.pass()).toEqual({
      kind: "refused",
      detail: "Shut. More writes are waiting already than may be held.",
      active: "us-east-1",
    });
    expect(world.milliseconds).toBe(0);
  });

  it("is neither held nor forwarded where it was forwarded itself", async () => {
    for (const gate of [switching, elsewhere]) {
      const world = new World([[0, gate]]);
      expect(await world.pass({ forward: null })).toMatchObject({ kind: "refused" });
      expect(world.happened).toEqual(["wake: Shut. us-east-1"]);
    }
  });

  it("is told apart: certainly not written, and perhaps", async () => {
    const world = new World([[0, elsewhere]]);
    world.forwarded = { kind: "not-sent", why: "no connection within 1 s" };
    expect(await world.pass()).toMatchObject({
      detail: "Shut. It could not be asked: no connection within 1 s. Not written.",
    });
    world.forwarded = { kind: "unknown", why: "no answer within 4 s" };
    expect(await world.pass()).toMatchObject({
      detail:
        "us-west-2 was asked to write and did not say that it has (no answer within 4 s): it may " +
        "have been written. Repeat it as it was.",
    });
  });

  it("wakes nobody where one of two serving Regions hands on as a rule", async () => {
    const world = new World([[0, elsewhere]], { ...config, topology: "active-active" });
    expect(await world.pass()).toMatchObject({ kind: "answered" });
    expect(world.happened).toEqual(["forward to us-west-2 within 4000"]);
  });

  it("wakes somebody there, too, where handing on did not help", async () => {
    const world = new World([[0, elsewhere]], { ...config, topology: "active-active" });
    world.forwarded = { kind: "not-sent", why: "no connection within 1 s" };
    await world.pass();
    expect(world.happened).toEqual([
      "forward to us-west-2 within 4000",
      "wake: Shut. It could not be asked: no connection within 1 s. Not written. us-east-1",
    ]);
  });
});

describe("the numbers of what did not pass at once", () => {
  it("say what was held for how long, and forwarded", async () => {
    const world = new World([
      [0, switching],
      [5_800, elsewhere],
    ]);
    await world.pass();
    expect(world.measured).toEqual([{ HeldWrites: 1, HeldSeconds: 6 }, { ForwardedWrites: 1 }]);
    expect(world.said).toEqual([]);
  });

  it("say of a write that was held in vain that it was", async () => {
    const world = new World([[0, switching]]);
    await world.pass();
    expect(world.measured).toEqual([{ HeldWrites: 1, HeldSeconds: 8 }]);
  });

  it("say what could not be held, and what a forward failed by, in the log with its cause", async () => {
    const tooMany = new World([[0, switching]]);
    tooMany.mayHold = false;
    await tooMany.pass();
    expect(tooMany.measured).toEqual([{ WritesAboveHeldMax: 1 }]);
    const failing = new World([[0, elsewhere]]);
    failing.forwarded = { kind: "not-sent", why: "no connection within 1 s" };
    await failing.pass();
    failing.forwarded = { kind: "unknown", why: "no answer within 4 s" };
    await failing.pass();
    expect(failing.measured).toEqual([{ ForwardsNotSent: 1 }, { ForwardsUnknown: 1 }]);
    expect(failing.said).toEqual([
      "A write was not forwarded to us-west-2 (not-sent): no connection within 1 s",
      "A write was not forwarded to us-west-2 (unknown): no answer within 4 s",
    ]);
  });

  it("are none of a write that passes", async () => {
    const world = new World([[0, open]]);
    await world.pass();
    expect(world.measured).toEqual([]);
  });
});
