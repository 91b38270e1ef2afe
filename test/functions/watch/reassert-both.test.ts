// Two Regions with levers: what is re-asserted never takes out the one while the other may be out.
import { describe, expect, it } from "vitest";
import type { Config, Region } from "../../../core/config/schema.ts";
import type { LeverPosition, RoutingState } from "../../../core/contracts/routing-state.ts";
import { reassertLevers } from "../../../functions/watch/reassert-levers.ts";
import { look, lookAnswer } from "../fakes.ts";
import { config, nine, steady } from "../steady.ts";
import { controlWith } from "./control.ts";

const activeActive: Config = { ...config, topology: "active-active", writes: "any-region" };
const released = { switch: "released", drain: "released" } as const;
const pulled = { switch: "pulled", drain: "pulled" } as const;
const settled = { "us-east-1": "released", "us-west-2": "released" } as const;
const bothServe = steady({
  writer: null,
  levers: { "us-east-1": released, "us-west-2": released },
  switchAttempted: settled,
});
const secondaryOut = steady({
  epoch: 2,
  writer: null,
  levers: { "us-east-1": released, "us-west-2": pulled },
  switchAttempted: { ...settled, "us-west-2": "pulled" },
});

class World {
  actual: Record<Region, Record<"switch" | "drain", LeverPosition>> = {
    "us-east-1": { ...released },
    "us-west-2": { ...released },
  };
  readonly done: string[] = [];
  readonly said: string[] = [];

  private readonly checks = Object.fromEntries(
    Object.keys(this.actual).map((at) => [
      at,
      { endpoint: "e", switch: at, drain: "d", region: "r" },
    ]),
  );

  async reassert(routing: RoutingState): Promise<string[]> {
    let stored = routing;
    await reassertLevers(
      {
        config: activeActive,
        region: "us-east-1",
        control: controlWith({
          readRouting: async () => stored,
          readChecks: async () => this.checks,
          writeRouting: async (_seen, next) => {
            stored = next;
            return next;
          },
        }),
        ledger: {
          append: async (note) => {
            this.done.push(note.sentence);
            const hash = "0".repeat(64);
            return { ...note, at: nine, sequence: 1, previous: hash, hash };
          },
        },
        route53: {
          readSwitch: async (at) => ({ version: 7, position: this.actual[at]?.switch ?? "pulled" }),
          updateSwitch: async ({ checkId, position }) => {
            this.done.push(`switch of ${checkId} ${position}`);
            return { version: 8, position };
          },
        },
        drain: {
          publish: async (at, position) => {
            this.done.push(`drain of ${at} ${position}`);
          },
          read: async (at) => this.actual[at]?.drain ?? null,
        },
        looks: {
          look: async (vantage) => {
            const looks = ["us-east-1", "us-west-2"].map((at) => look(at, { startedAt: nine }));
            return lookAnswer(vantage, { looks });
          },
        },
        now: () => nine,
        say: (sentence) => {
          this.said.push(sentence);
        },
      },
      routing,
    );
    return this.done;
  }
}

describe("re-asserting the levers of two Regions", () => {
  it("says both drains again while both serve", async () => {
    expect(await new World().reassert(bothServe)).toEqual([
      "drain of us-east-1 released",
      "drain of us-west-2 released",
    ]);
  });

  it("releases what somebody pulled, towards the Region itself", async () => {
    const world = new World();
    world.actual["us-west-2"] = { switch: "pulled", drain: "released" };
    expect(await world.reassert(bothServe)).toEqual([
      "drain of us-east-1 released",
      "Releasing the switch lever of us-west-2, since us-west-2 serves.",
      "switch of us-west-2 released",
      "drain of us-west-2 released",
    ]);
  });

  it("pulls again what was released, towards the other Region", async () => {
    const world = new World();
    const done = await world.reassert({ ...secondaryOut, switchAttempted: settled });
    expect(done.slice(0, 3)).toEqual([
      "drain of us-east-1 released",
      "Pulling the switch lever of us-west-2, since us-east-1 serves.",
      "Pulling the drain lever of us-west-2, since us-east-1 serves.",
    ]);
    expect(done.slice(3).sort()).toEqual([
      "drain of us-west-2 pulled",
      "switch of us-west-2 pulled",
    ]);
  });

  it("pulls nothing while a lever of the other Region was found pulled", async () => {
    const world = new World();
    world.actual["us-east-1"] = { switch: "released", drain: "pulled" };
    const done = await world.reassert(secondaryOut);
    expect(done).toContain("drain of us-east-1 released");
    expect(done.filter((each) => /Pulling|pulled/.test(each))).toEqual([]);
    expect(world.said).toContain(
      "Left switch and drain of us-west-2: us-east-1 may be out by a lever.",
    );
  });
});
