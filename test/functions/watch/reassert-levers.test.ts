import { describe, expect, it } from "vitest";
import type { LeverPosition, RoutingState } from "../../../core/contracts/routing-state.ts";
import { reassertLevers } from "../../../functions/watch/reassert-levers.ts";
import { look, lookAnswer } from "../fakes.ts";
import { config, nine, steady, unplanned } from "../steady.ts";
import { controlWith } from "./control.ts";

const ids = { endpoint: "e", switch: "s", drain: "d", region: "r" };

/** us-west-2 serves: both levers of us-east-1 are to be pulled. */
const latched = steady({
  epoch: 2,
  active: "us-west-2",
  writer: "us-west-2",
  levers: { "us-east-1": { switch: "pulled", drain: "pulled" } },
  switchAttempted: { "us-east-1": "pulled" },
});

class World {
  stored: RoutingState = latched;
  switch: LeverPosition | null = "pulled";
  version = 7;
  drain: LeverPosition | null = "pulled";
  /** What the witness's look at the active Region finds; null: no look is planned. */
  passed: boolean | null = null;
  lookedAt = nine - 1_000;
  readonly done: string[] = [];

  private look(vantage: string) {
    const { passed, lookedAt, stored } = this;
    if (passed === null) unplanned("a look");
    this.done.push(`look from ${vantage}`);
    return lookAnswer(vantage, { looks: [look(stored.active, { passed, startedAt: lookedAt })] });
  }

  async reassert(seen: RoutingState = latched) {
    await reassertLevers(
      {
        config,
        region: "us-west-2",
        control: controlWith({
          readRouting: async () => this.stored,
          readChecks: async () => ({ "us-east-1": ids }),
          writeRouting: async (_seen, next) => {
            this.stored = next;
            return next;
          },
        }),
        ledger: {
          append: async (note) => {
            this.done.push(`ledger ${note.execution}: ${note.sentence}`);
            const hash = "0".repeat(64);
            return { ...note, at: nine, sequence: 1, previous: hash, hash };
          },
        },
        route53: {
          readSwitch: async () => {
            if (this.switch === null) throw new Error("no control plane");
            return { version: this.version, position: this.switch };
          },
          updateSwitch: async ({ position }) => {
            this.done.push(`switch ${position}`);
            this.switch = position;
            this.version += 1;
            return { version: this.version, position };
          },
        },
        drain: {
          publish: async (_region, position, at) => {
            this.done.push(`drain ${position} ${at - nine}`);
          },
          read: async () => {
            if (this.drain === null) throw new Error("no metrics");
            return this.drain;
          },
        },
        looks: { look: async (vantage) => this.look(vantage) },
        now: () => nine,
        say: () => undefined,
      },
      seen,
    );
    return this.done;
  }
}

const wrote = (what: string) =>
  `ledger reconcile/us-west-2/29474460: ${what}, since us-west-2 serves.`;

describe("re-asserting the levers", () => {
  it("only republishes the drain when both stand as desired, without a ledger entry", async () => {
    expect(await new World().reassert()).toEqual(["drain pulled 0"]);
  });

  it("pulls a switch that Route 53 refused before, ledger first", async () => {
    const world = new World();
    world.switch = "released";
    expect(await world.reassert()).toEqual([
      wrote("Pulling the switch lever of us-east-1"),
      "switch pulled",
      "drain pulled 0",
    ]);
  });

  it("leaves a switch alone that it could not read", async () => {
    const world = new World();
    world.switch = null;
    expect(await world.reassert()).toEqual(["drain pulled 0"]);
  });

  it("announces a drain that differs, or whose position is not known", async () => {
    const differs = new World();
    differs.drain = "released";
    expect(await differs.reassert()).toEqual([
      wrote("Pulling the drain lever of us-east-1"),
      "drain pulled 0",
    ]);
    const unread = new World();
    unread.drain = null;
    expect(await unread.reassert()).toEqual([
      "ledger reconcile/us-west-2/29474460: Pulling the drain lever of us-east-1, " +
        "since us-west-2 serves; how it stands can't be read.",
      "drain pulled 0",
    ]);
  });

  it("releases again where an attempt to pull was never answered", async () => {
    const world = new World();
    world.stored = steady({ switchAttempted: { "us-east-1": "pulled" } });
    world.switch = "released";
    world.drain = "released";
    expect(await world.reassert(world.stored)).toEqual([
      "ledger reconcile/us-west-2/29474460: " +
        "Releasing the switch lever of us-east-1, since us-east-1 serves.",
      "switch released",
      "drain released 0",
    ]);
    expect(world.stored.switchAttempted).toEqual({ "us-east-1": "released" });
  });

  const looked = ["look from us-east-2", "look from us-west-2"];

  it("pulls the first lever only after a look that vouches for the active Region", async () => {
    const world = new World();
    world.switch = "released";
    world.drain = "released";
    world.passed = true;
    expect(await world.reassert()).toEqual([
      ...looked,
      wrote("Pulling the switch lever of us-east-1"),
      wrote("Pulling the drain lever of us-east-1"),
      "drain pulled 0",
      "switch pulled",
    ]);
  });

  it("neither pulls the first lever nor says it while nobody vouches", async () => {
    const world = new World();
    world.switch = "released";
    world.drain = "released";
    world.passed = false;
    expect(await world.reassert()).toEqual(looked);
    const unread = new World();
    unread.switch = null;
    unread.drain = null;
    unread.passed = false;
    expect(await unread.reassert()).toEqual(looked);
  });

  it("sends no call that moves traffic when the look has become too old", async () => {
    const world = new World();
    world.switch = null;
    world.drain = "released";
    world.passed = true;
    world.lookedAt = nine - 60_001;
    expect(await world.reassert()).toEqual([
      ...looked,
      wrote("Pulling the drain lever of us-east-1"),
    ]);
  });

  it("lets a Region in only after a look that vouches for it", async () => {
    const world = new World();
    world.stored = steady();
    world.drain = "released";
    world.passed = false;
    expect(await world.reassert(world.stored)).toEqual([
      "look from us-east-2",
      "look from us-east-1",
    ]);
  });

  it("touches and announces nothing when a run has claimed since", async () => {
    const world = new World();
    world.stored = { ...latched, epoch: 3, phase: "switching" };
    world.switch = "released";
    expect(await world.reassert()).toEqual([]);
  });
});
