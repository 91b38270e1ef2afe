import { describe, expect, it } from "vitest";
import type { View } from "../../../core/contracts/records.ts";
import type { Signal } from "../../../core/contracts/signal.ts";
import type { HttpCall } from "../../../functions/adapters/http-client.ts";
import { emptyMemory, lookAround } from "../../../functions/watch/look-around.ts";
import { config, nine } from "../steady.ts";

const where = { config, vantage: "us-east-2" };

/** Two serving Regions that answer the journey, or don't. */
class World {
  milliseconds = 0;
  readonly dead = new Set<string>();
  readonly views: View[] = [];
  stored: View[] = [];
  areViewsReachable = true;
  readonly signals: { bus: string; signal: Signal }[] = [];
  readonly failed: string[] = [];
  readonly memory = emptyMemory();

  private readonly answer = async (call: HttpCall) => {
    const serving = /us-east-1|us-west-2/.exec(call.connectTo)?.[0] ?? "";
    if (this.dead.has(serving)) throw new Error("no answer within 5 s");
    const item = {
      vantage: "us-east-2",
      serving,
      writerRegion: serving,
      writerEpoch: 1,
      writtenAt: nine,
      version: "v",
    };
    const body = call.path === "/health" ? { status: "ok", region: serving } : item;
    return { status: 200, headers: { "x-region": serving }, body: JSON.stringify(body) };
  };

  look() {
    return lookAround(where, this.memory, {
      http: this.answer,
      sign: async (call) => call,
      now: () => nine + this.milliseconds,
      sleep: async () => {
        throw new Error("Nothing waits in this journey.");
      },
      views: {
        read: async () => this.stored,
        put: async (view) => {
          if (!this.areViewsReachable) throw new Error("no table");
          this.views.push(view);
        },
      },
      signal: async (bus, signal) => {
        if (this.dead.has(bus)) throw new Error("no bus");
        this.signals.push({ bus, signal });
      },
      failed: (serving) => {
        this.failed.push(serving);
      },
      say: () => undefined,
    });
  }

  async looks(count: number) {
    for (let number = 0; number < count; number += 1) {
      await this.look();
      this.milliseconds += 10_000;
    }
  }

  verdicts(serving: string) {
    return this.views.filter((view) => view.serving === serving).map(({ verdict }) => verdict);
  }
}

describe("looking around", () => {
  it("records each Region's view when it changes, and every 30 s", async () => {
    const world = new World();
    await world.looks(3);
    expect(world.verdicts("us-east-1")).toEqual(["unknown", "healthy"]);
    await world.looks(3);
    expect(world.verdicts("us-east-1")).toEqual(["unknown", "healthy", "healthy"]);
    const [, first, second] = world.views.filter(({ serving }) => serving === "us-east-1");
    expect(first?.since).toBe(nine + 20_000);
    expect(second).toMatchObject({ since: nine + 20_000, seenAt: nine + 50_000 });
  });

  it("signals both Regions after three failed looks in a row, then once a minute", async () => {
    const world = new World();
    await world.looks(3);
    world.dead.add("us-east-1");
    await world.looks(2);
    expect(world.signals).toEqual([]);
    expect(world.failed).toEqual(["us-east-1", "us-east-1"]);
    await world.looks(1);
    expect(world.verdicts("us-east-1")).toEqual(["unknown", "healthy", "unknown", "failing"]);
    // The bus of the dead Region takes nothing, and stops nothing.
    expect(world.signals).toEqual([
      {
        bus: "us-west-2",
        signal: {
          kind: "watch",
          from: "us-east-2",
          against: "us-east-1",
          detail:
            "finds us-east-1 failing: health: " +
            "GET /health at us-east-1.api.example.com: no answer within 5 s",
          at: nine + 50_000,
        },
      },
    ]);
    await world.looks(5);
    expect(world.signals).toHaveLength(1);
    await world.looks(1);
    expect(world.signals).toHaveLength(2);
    expect(new Set(world.verdicts("us-west-2"))).toEqual(new Set(["unknown", "healthy"]));
  });

  it("signals the next outage at once", async () => {
    const world = new World();
    world.dead.add("us-east-1");
    await world.looks(3);
    world.dead.clear();
    await world.looks(1);
    world.dead.add("us-east-1");
    await world.looks(3);
    expect(world.signals.map(({ signal }) => signal.at)).toEqual([nine + 20_000, nine + 60_000]);
  });

  it("takes up the recorded view after a cold start", async () => {
    const world = new World();
    const view = { vantage: "us-east-2", serving: "us-east-1", verdict: "failing" as const };
    world.stored = [{ ...view, since: nine - 50_000, seenAt: nine - 20_000, detail: "x" }];
    world.dead.add("us-east-1");
    await world.looks(1);
    expect(world.signals).toHaveLength(1);
    expect(world.verdicts("us-east-1")).toEqual([]);
  });

  it("keeps a view's beginning while it can't be recorded, since the looks go on", async () => {
    const world = new World();
    await world.looks(3);
    world.areViewsReachable = false;
    await world.looks(12);
    world.areViewsReachable = true;
    await world.looks(1);
    expect(world.views.at(-1)).toMatchObject({ verdict: "healthy", since: nine + 20_000 });
  });

  it("restarts it after a minute without looks", async () => {
    const world = new World();
    await world.looks(3);
    world.milliseconds += 60_000;
    await world.looks(1);
    expect(world.views.at(-1)).toMatchObject({ verdict: "healthy", since: nine + 90_000 });
  });
});
