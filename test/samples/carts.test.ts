// A team's own application, from nothing but what a team writes: deployed into the lab, used by
// customers, and switched while replication is slow, so that only a drain of its own table can
// keep what it acknowledged.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "../../core/config/load.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { CachingResolver } from "../../lab/dns/resolver.ts";
import { within } from "../../lab/give-up.ts";
import type { HttpResponse } from "../../lab/kernel.ts";
import { account, type RunningLab, startLab } from "../../lab/lab.ts";
import { people } from "../../lab/people.ts";
import { drillResultSchema } from "../../lab/report/result.ts";
import { Operator } from "../../lab/scenarios/operator.ts";
import { drill } from "../lab/command.ts";

const folder = join(import.meta.dirname, "carts");
const zero = Date.parse("2026-01-15T09:00:00Z");
const cart = z.object({ userId: z.string(), version: z.string(), writerRegion: z.string() });
const here = { internet: "us-east-1" } as const;

function configOf(): Config {
  const parsed = parseConfig(readFileSync(join(folder, "switchback.config.json"), "utf8"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.config;
}

const config = configOf();

/** Customers of the shop, in the lab. */
class Shop {
  readonly acknowledged = new Map<string, string>();
  readonly answers: { host: string; at: number; status: number; region: string }[] = [];
  /** Acknowledged carts that the secondary lacked when it took its first customer's write. */
  lackedAtTakeover: string[] | null = null;
  readonly #lab: RunningLab;
  readonly #resolver: CachingResolver;

  constructor(lab: RunningLab) {
    this.#lab = lab;
    this.#resolver = new CachingResolver(lab.lab, { from: here });
    lab.dynamoDb.onWrite(({ table, region, by, key }) => {
      if (table !== "shop-carts" || region !== "us-west-2" || by === "replication") return;
      if (String(key.userId).startsWith("switchback#")) return;
      this.lackedAtTakeover ??= this.lackedIn("us-west-2");
    });
  }

  async ask(host: string, method: string, path: string, body = ""): Promise<HttpResponse> {
    const { values } = await this.#resolver.resolve(host, "A");
    const request = { method, host, path, query: {}, headers: {}, body };
    return this.#lab.web.exchange(here, values[0] ?? "", request);
  }

  async fill(host: string, userId: string): Promise<void> {
    const body = JSON.stringify({ items: ["tea"] });
    const asked = this.ask(host, "PUT", `/carts/${userId}`, body);
    const waited = await within(this.#lab.clock, 10_000, asked);
    const answer = waited.outcome === "answered" ? waited.value : null;
    const stored = answer?.status === 200 ? cart.parse(JSON.parse(answer.body)) : null;
    if (stored !== null) this.acknowledged.set(userId, stored.version);
    const region = stored?.writerRegion ?? "";
    const at = this.#lab.clock.seconds();
    this.answers.push({ host, at, status: answer?.status ?? 0, region });
  }

  /** A new cart every half second. */
  fillUntil(host: string, second: number): void {
    const { clock } = this.#lab;
    if (clock.seconds() >= second) return;
    void this.fill(host, `user-${Math.round(clock.seconds() * 2)}@${host}`);
    clock.after(500, () => this.fillUntil(host, second));
  }

  lackedIn(region: Region): string[] {
    const items = this.#lab.dynamoDb.readAll("shop-carts", region);
    const versions = new Map(items.map((item) => [item.userId, item.version]));
    return [...this.acknowledged]
      .filter(([userId, version]) => versions.get(userId) !== version)
      .map(([userId]) => userId);
  }
}

function operatorOf(lab: RunningLab): Operator {
  const { clock, random, log } = lab;
  return new Operator({ ...{ config, account, clock, random, log }, ...people(config, lab).desk });
}

test("a team writes less than 60 lines, configuration included", () => {
  const lines = readdirSync(folder).map(
    (file) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length,
  );
  expect(lines.reduce((a, b) => a + b)).toBeLessThan(60);
});

describe("a drill of a team's own app", { timeout: 600_000 }, () => {
  const scenario = "test/samples/carts-planned-switch.json";

  test("asks what the scenario says, and counts what its own tables hold", async () => {
    const { status, stdout } = await drill(
      scenario,
      ...["--app", "test/samples/carts/app.ts", "--json", "--no-baseline"],
    );
    const result = drillResultSchema.parse(JSON.parse(stdout));
    expect(result.failures).toEqual([]);
    expect(status).toBe(0);
    expect(result.clients.acknowledgedWrites).toBeGreaterThan(150);
    expect(result.clients.lostWrites).toBe(0);
    const checked = result.invariants.filter(({ checked: times }) => times > 0);
    expect(checked.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["one-writer-per-epoch", "planned-loses-nothing"]),
    );
  });

  test("names what both Regions wrote, when a forced failover left writes behind", async () => {
    const { status, stdout } = await drill(
      "test/samples/carts-divergence.json",
      ...["--app", "test/samples/carts/app.ts", "--json", "--no-baseline"],
    );
    const result = drillResultSchema.parse(JSON.parse(stdout));
    // Among what would be a failure: a report that names too few or too many (lab/checkers).
    expect(result.failures).toEqual([]);
    expect(status).toBe(0);
    const asked = result.decisions.find(({ kind }) => kind === "ask");
    expect(asked?.blockedBy).toContain("divergence-unread");
  });

  test("is refused where there is no such app", async () => {
    const { status, stderr } = await drill(scenario, "--app", "test/samples/none/app.ts");
    expect(status).toBe(2);
    expect(stderr).toContain("test/samples/none/app.ts:\n  there is no such file");
  });
});

describe("carts by userId", () => {
  let lab: RunningLab;
  let shop: Shop;
  const passive = "us-east-1.shop.example.com";
  const active = "us-west-2.shop.example.com";
  const byPublicName = () => shop.answers.filter(({ host }) => host === "shop.example.com");
  const answered = async (asked: Promise<HttpResponse>) => {
    await lab.clock.runUntil(lab.clock.now() + 5_000);
    return asked;
  };

  beforeAll(async () => {
    const assembly = await synthesize(config, () => {}, join(folder, "app.ts"));
    const warmUpMilliseconds = 150_000;
    lab = await startLab({ config, seed: 1, folder: assembly, zero, warmUpMilliseconds });
    shop = new Shop(lab);
    await lab.clock.runUntil(zero);
    lab.dynamoDb.addReplicationFault("us-east-1", "us-west-2", { mode: "slow", seconds: 20 });
    shop.fillUntil("shop.example.com", 180);
    // Who doesn't wait for DNS: the first write at the target comes as soon as its gate opens.
    shop.fillUntil(active, 180);
    lab.clock.after(60_000, () => void operatorOf(lab).carryOut({ command: "failover" }));
    await lab.clock.runUntil(zero + 200_000);
  }, 600_000);
  afterAll(() => lab?.clock.uninstall());

  test("are kept by the primary, and by the secondary after a planned switch", () => {
    const written = byPublicName().filter(({ status }) => status === 200);
    expect(written.length).toBeGreaterThan(200);
    expect(written[0]?.region).toBe("us-east-1");
    expect(written.at(-1)?.region).toBe("us-west-2");
    const switches = lab.log.events.filter(({ kind }) => kind === "claim");
    expect(switches).toHaveLength(1);
  });

  test("are refused where the drain takes longer than clients wait, and by nobody else", () => {
    const refused = byPublicName().filter(({ status }) => status !== 200);
    expect(refused.every(({ status }) => status === 503)).toBe(true);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused.every(({ at }) => at > 60 && at < 150)).toBe(true);
  });

  test("that reach the passive Region are the primary's, until it has become the active one", () => {
    const there = shop.answers.filter(({ host }) => host === active);
    const opened = there.findIndex(({ region }) => region === "us-west-2");
    const before = there.slice(0, opened);
    const forwarded = before.filter(({ status }) => status === 200);
    expect(forwarded.length).toBeGreaterThan(120);
    expect(forwarded.every(({ region }) => region === "us-east-1")).toBe(true);
    const refused = before.filter(({ status }) => status !== 200);
    expect(refused.every(({ status, at }) => status === 503 && at > 60 && at < 120)).toBe(true);
    expect(there.slice(opened).every(({ status }) => status === 200)).toBe(true);
  });

  test("have all arrived when the other Region takes its first write, and none is lost", () => {
    expect(shop.acknowledged.size).toBeGreaterThan(300);
    expect(shop.lackedAtTakeover).toEqual([]);
    expect(shop.lackedIn("us-west-2")).toEqual([]);
  });

  test("can be read in either Region, and asked for there; the active one writes", async () => {
    const [[userId] = [""]] = shop.acknowledged;
    const read = await answered(shop.ask(passive, "GET", `/carts/${userId}`));
    expect(read.status).toBe(200);
    expect(cart.parse(JSON.parse(read.body))).toMatchObject({ userId, writerRegion: "us-east-1" });
    const written = await answered(shop.ask(passive, "PUT", "/carts/user-x", '{"items":[]}'));
    expect([written.status, written.headers["x-region"]]).toEqual([200, "us-west-2"]);
    expect(cart.parse(JSON.parse(written.body)).writerRegion).toBe("us-west-2");
  });

  test("can't be written where Switchback's own heartbeats stand", async () => {
    const path = "/carts/switchback%23heartbeat%23us-west-2%230";
    const answer = await answered(shop.ask(active, "PUT", path, '{"items":[]}'));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).detail).toBe(
      "Keys that begin with switchback# are Switchback's own.",
    );
  });

  test("are the function's only items beside the gate's own, and no call is denied", () => {
    expect(lab.log.events.filter(({ kind }) => kind === "denied")).toEqual([]);
  });
});
