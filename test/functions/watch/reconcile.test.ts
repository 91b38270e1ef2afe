import { describe, expect, it } from "vitest";
import type { Config } from "../../../core/config/schema.ts";
import type { HealthIssue } from "../../../core/contracts/evidence.ts";
import type { CheckIds, Mark, View } from "../../../core/contracts/records.ts";
import type { RoutingState } from "../../../core/contracts/routing-state.ts";
import { fullStride } from "../../../functions/watch/advance-mark.ts";
import { emptyArchiveMemory } from "../../../functions/watch/archive-behind.ts";
import { type Known, reconcile } from "../../../functions/watch/reconcile.ts";
import { config, nine, steady, switching, unplanned } from "../steady.ts";
import { controlWith } from "./control.ts";

const checks: CheckIds = {
  "us-east-1": { endpoint: "e", switch: "s", drain: "d", region: "r" },
};

const failing: View = {
  vantage: "us-east-2",
  serving: "us-east-1",
  verdict: "failing",
  since: nine - 30_000,
  seenAt: nine - 180_000,
  detail: "",
};

const issue: HealthIssue = {
  eventArn: "arn",
  region: "us-east-1",
  service: "LAMBDA",
  eventTypeCode: "X",
  startedAt: null,
  updatedAt: nine,
  counts: true,
  why: "",
};

const activeActive: Config = { ...config, topology: "active-active", writes: "any-region" };
const released = { switch: "released", drain: "released" } as const;
const pulled = { switch: "pulled", drain: "pulled" } as const;
const bothServe = steady({
  writer: null,
  levers: { "us-east-1": released, "us-west-2": released },
  switchAttempted: { "us-east-1": "released", "us-west-2": "released" },
});

class World {
  config = config;
  region = "us-west-2";
  routing: RoutingState | null = steady();
  routingAfterWait: RoutingState | null = null;
  views: View[] = [];
  viewsRead = 0;
  health: HealthIssue[] = [];
  storedChecks: CheckIds | null = checks;
  parameter: CheckIds | null = checks;
  milliseconds = 0;
  answered: string[] | null = null;
  /** With eventual coordination: what the peer's replica shows. */
  peer: RoutingState | null | undefined = undefined;
  readonly known: Known = {
    epoch: 0,
    checksCopiedAt: null,
    stride: fullStride(),
    archive: emptyArchiveMemory(),
  };
  readonly done: string[] = [];
  readonly marks: Mark[] = [];

  private readonly control = controlWith({
    findRouting: async () => this.routing,
    readRouting: async () => this.routing ?? unplanned("no routing state"),
    createRouting: async (state) => {
      this.done.push("create");
      this.routing = state;
      return true;
    },
    readArchived: async () => nine,
    readMark: async () => null,
    putMark: async (mark) => {
      this.done.push(`mark ${mark.source}`);
      this.marks.push(mark);
    },
    readHeartbeats: async () => ({ "us-east-1": null, "us-west-2": null }),
    readViews: async () => {
      this.viewsRead += 1;
      return this.views;
    },
    readChecks: async () => this.storedChecks,
    putChecks: async (ids) => {
      this.done.push("copy checks");
      this.storedChecks = ids;
    },
  });

  private replicas(peer: RoutingState | null) {
    const of = (region: string) => {
      this.done.push(`ask ${region}`);
      return { findRouting: async () => peer };
    };
    return { region: this.region, of, sleep: () => unplanned("a wait for the peer") };
  }

  async reconcile(): Promise<string[]> {
    await reconcile(
      {
        config: this.config,
        region: this.region,
        ...(this.peer === undefined ? {} : { replicas: this.replicas(this.peer) }),
        control: this.control,
        machine: {
          start: async (name, request) => {
            this.done.push(`${name} ${request.signal}`);
            return true;
          },
        },
        health: { list: async () => this.health },
        nameServers: { answeredRegions: async () => this.answered },
        looks: { look: () => unplanned("a look") },
        measure: () => undefined,
        divergences: {
          create: async () => unplanned("a new report"),
          list: async () => [],
          extend: async () => unplanned("a report"),
          items: async () => unplanned("a report's items"),
          acknowledge: async () => unplanned("an acknowledgement"),
        },
        application: () => unplanned("the journal"),
        endedRuns: { since: async () => [] },
        readLedger: () => unplanned("a chain"),
        archive: { put: () => unplanned("an object") },
        readCheckIds: async () => this.parameter,
        ledger: {
          append: async (note) => {
            this.done.push(note.sentence);
            return unplanned("the ledger");
          },
        },
        route53: {
          readSwitch: async () => ({ version: 1, position: "released" }),
          updateSwitch: () => unplanned("a lever"),
        },
        drain: {
          publish: async (region, position) => {
            this.done.push(`drain of ${region} ${position}`);
          },
          read: async () => "released",
        },
        now: () => nine + this.milliseconds,
        sleep: async (milliseconds) => {
          this.done.push(`wait ${milliseconds}`);
          this.routing = this.routingAfterWait ?? this.routing;
        },
        say: () => undefined,
      },
      this.known,
    );
    return this.done.splice(0);
  }
}

const quietMinute = ["wait 15000", "drain of us-east-1 released"];

describe("reconcile", () => {
  it("says the drain again in a quiet minute, the active Region first", async () => {
    const world = new World();
    expect(await world.reconcile()).toEqual(quietMinute);
    world.region = "us-east-1";
    expect(await world.reconcile()).toEqual(["drain of us-east-1 released"]);
    expect(world.known.epoch).toBe(1);
  });

  it("touches levers only while the peer's replica shows the same, where it has its own", async () => {
    const world = new World();
    world.region = "us-east-1";
    world.peer = steady();
    const asks = "ask us-west-2";
    expect(await world.reconcile()).toEqual([asks, "drain of us-east-1 released"]);
    // A Region that was cut off would take itself back into service.
    world.peer = steady({ epoch: 2 });
    expect(await world.reconcile()).toEqual([asks]);
    world.peer = null;
    expect(await world.reconcile()).toEqual([asks]);
  });

  it("creates the routing state in the primary alone, after the marks", async () => {
    const world = new World();
    world.routing = null;
    expect(await world.reconcile()).toEqual([]);
    world.region = "us-east-1";
    expect(await world.reconcile()).toEqual(["mark us-east-1", "mark us-west-2", "create"]);
    expect(world.routing).toEqual(steady());
    expect(world.marks[0]).toEqual({ source: "us-east-1", epoch: 1, at: nine });
  });

  it("starts a run while a confirmed view stands against the active Region", async () => {
    const world = new World();
    world.views = [failing];
    expect(await world.reconcile()).toEqual([
      "orders-1-29474460 reconcile:us-east-2 find us-east-1 failing",
      ...quietMinute,
    ]);
    world.milliseconds = 1;
    expect(await world.reconcile()).toEqual(quietMinute);
  });

  it("leaves the levers to a run that claimed while the passive Region waited", async () => {
    const world = new World();
    world.routingAfterWait = switching(nine + 1);
    expect(await world.reconcile()).toEqual(["wait 15000"]);
  });

  it("starts nothing for a view against the passive Region, nor in the active one", async () => {
    const world = new World();
    world.views = [{ ...failing, serving: "us-west-2" }];
    expect(await world.reconcile()).toEqual(quietMinute);
    world.views = [failing];
    world.region = "us-east-1";
    expect(await world.reconcile()).toEqual(["drain of us-east-1 released"]);
  });

  it("starts a run while a Health issue counts against the active Region", async () => {
    const world = new World();
    world.health = [{ ...issue, counts: false }, issue];
    expect(await world.reconcile()).toEqual([
      "orders-1-29474460 reconcile:an open Health issue of LAMBDA in us-east-1",
      ...quietMinute,
    ]);
  });

  it("starts a run while Route 53 answers the passive Region and no lever was pulled", async () => {
    const world = new World();
    world.answered = ["us-west-2"];
    expect(await world.reconcile()).toEqual([
      "orders-1-29474460 reconcile:Route 53 answers us-west-2 by itself",
      ...quietMinute,
    ]);
    world.routing = steady({ switchAttempted: { "us-east-1": "pulled" } });
    expect((await world.reconcile()).join()).not.toContain("by itself");
  });

  it("has a lapsed lease taken over from either Region, and leaves the levers alone", async () => {
    const world = new World();
    world.routing = switching(nine);
    world.region = "us-east-1";
    expect(await world.reconcile()).toEqual(["orders-2-29474460 reconcile:a lease has lapsed"]);
    world.routing = switching(nine + 1);
    expect(await world.reconcile()).toEqual([]);
  });

  it("starts a run for what stands against the other Region of two that serve", async () => {
    const world = new World();
    world.config = activeActive;
    world.routing = bothServe;
    const quiet = ["drain of us-east-1 released", "drain of us-west-2 released"];
    world.views = [{ ...failing, serving: "us-west-2" }];
    expect(await world.reconcile()).toEqual(["wait 15000", ...quiet]);
    world.region = "us-east-1";
    const run = "orders-1-29474460 reconcile:us-east-2 find us-west-2 failing";
    expect(await world.reconcile()).toEqual([run, ...quiet]);
    world.views = [];
    world.answered = ["us-east-1", "us-west-2"];
    expect(await world.reconcile()).toEqual(quiet);
    world.answered = ["us-east-1"];
    expect(await world.reconcile()).toEqual([
      "orders-1-29474460 reconcile:Route 53 answers us-east-1 by itself",
      ...quiet,
    ]);
  });

  it("starts nothing against a Region that is out", async () => {
    const world = new World();
    world.config = activeActive;
    world.routing = { ...bothServe, levers: { "us-east-1": released, "us-west-2": pulled } };
    world.region = "us-east-1";
    world.views = [{ ...failing, serving: "us-west-2" }];
    expect((await world.reconcile()).join()).not.toContain("reconcile:");
    expect(world.viewsRead).toBe(0);
  });

  it("copies the check ids when they differ, and looks every ten minutes", async () => {
    const world = new World();
    world.storedChecks = null;
    expect(await world.reconcile()).toEqual(["copy checks", ...quietMinute]);
    world.storedChecks = null;
    world.milliseconds = 599_999;
    expect(await world.reconcile()).toEqual(quietMinute);
    world.milliseconds = 600_000;
    expect(await world.reconcile()).toEqual(["copy checks", ...quietMinute]);
  });

  it("goes on when a part of it fails", async () => {
    const world = new World();
    world.parameter = { "us-east-1": { endpoint: "x", switch: "s", drain: "d", region: "r" } };
    Object.assign(world, { health: null });
    expect(await world.reconcile()).toEqual(["copy checks", ...quietMinute]);
  });
});
