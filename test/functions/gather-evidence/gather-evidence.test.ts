import { describe, expect, test } from "vitest";
import type { Region } from "../../../core/config/schema.ts";
import type { Evidence } from "../../../core/contracts/evidence.ts";
import type { Verdict, View } from "../../../core/contracts/records.ts";
import type { LookAnswer } from "../../../core/contracts/steps.ts";
import { initialState } from "../../../core/plan.ts";
import type { MinutesQuery } from "../../../functions/adapters/cloudwatch.ts";
import { onClockOf } from "../../../functions/adapters/functions.ts";
import {
  type EvidencePorts,
  gatherEvidence,
} from "../../../functions/gather-evidence/gather-evidence.ts";
import { config, now } from "../../core/world.ts";
import { look, lookAnswer, looksOf } from "../fakes.ts";

const here = { config, region: "us-west-2", apiFunction: "orders-orders-api" };
const away = async () => {
  throw new Error("away");
};
const never = () => new Promise<never>(() => undefined);

function answerOf(vantage: Region, primaryPassed: boolean[]): LookAnswer {
  const primary = primaryPassed.map((passed) => look("us-east-1", { passed }));
  const secondary = [1, 2, 3].map(() => look("us-west-2"));
  return lookAnswer(vantage, { looks: [...primary, ...secondary] });
}

const healthyLooks = {
  "us-east-1": answerOf("us-east-1", [true, true, true]),
  "us-west-2": answerOf("us-west-2", [true, true, true]),
  "us-east-2": answerOf("us-east-2", [true, true, true]),
};

function portsOf(difference: Partial<EvidencePorts> = {}): EvidencePorts {
  return {
    control: {
      readRouting: async () => initialState(config, now - 86_400_000),
      readViews: async () => [],
      readHeartbeats: async () => ({ "us-east-1": now - 3_000, "us-west-2": now - 2_000 }),
      readChecks: async () => ({
        "us-east-1": { endpoint: "e", switch: "s", drain: "d", region: "r" },
      }),
    },
    controlIn: (region) => {
      throw new Error(`Strong coordination asks no replica in ${region}.`);
    },
    application: () => ({ oldestHeartbeat: async () => now - 4_000, readJournal: async () => [] }),
    divergences: { list: async () => [] },
    health: { list: async () => [] },
    healthApi: { openIssues: async () => [] },
    looks: looksOf(healthyLooks),
    nameServers: { answeredRegions: async () => ["us-east-1"] },
    route53: { readSwitch: async () => ({ version: 1, position: "released" }), updateSwitch: away },
    drain: { read: async () => "released", publish: away },
    newestDatapoint: async () => ({ at: now - 60_000, value: 100 }),
    minutesOf: async ({ series }) => series.map(() => []),
    // Later than what answers at once, sooner than what never does.
    sleep: () => new Promise((done) => setImmediate(done)),
    now: () => now,
    ...difference,
  };
}

function verdictsOf(reports: readonly { vantage: string; serving: string; verdict: Verdict }[]) {
  const ofPrimary = reports.filter(({ serving }) => serving === "us-east-1");
  return Object.fromEntries(ofPrimary.map(({ vantage, verdict }) => [vantage, verdict]));
}

test("A healthy pair: six reports, all healthy", async () => {
  const evidence = await gatherEvidence(portsOf(), here, "automatic");
  expect(evidence.reports.map(({ verdict }) => verdict)).toEqual(Array(6).fill("healthy"));
  expect(evidence).toMatchObject({
    gatheredIn: "us-west-2",
    dnsAnswers: ["us-east-1"],
    route53Reachable: true,
    levers: { "us-east-1": { switch: "released", drain: "released" } },
    replication: { "us-east-1": now - 4_000, "us-west-2": now - 4_000 },
    writesPerSecond: 0,
  });
  expect(evidence.canaries).toHaveLength(6);
});

test("All looks failed is failing; one that passed makes it unknown", async () => {
  const looks = looksOf({
    ...healthyLooks,
    "us-west-2": answerOf("us-west-2", [false, false, false]),
    "us-east-2": answerOf("us-east-2", [false, true, false]),
  });
  const { reports } = await gatherEvidence(portsOf({ looks }), here, "automatic");
  expect(verdictsOf(reports)).toMatchObject({ "us-west-2": "failing", "us-east-2": "unknown" });
});

test("Fewer looks than were asked for say nothing", async () => {
  const looks = looksOf({ ...healthyLooks, "us-east-2": answerOf("us-east-2", [false, false]) });
  const { reports } = await gatherEvidence(portsOf({ looks }), here, "automatic");
  expect(verdictsOf(reports)["us-east-2"]).toBe("unknown");
});

test("The name servers are asked last: Route 53 may move while a dead Region is looked at", async () => {
  const asked: string[] = [];
  const known = looksOf(healthyLooks);
  const looks: EvidencePorts["looks"] = {
    look: async (vantage, request, seconds) => {
      asked.push(vantage);
      await new Promise((done) => setImmediate(done));
      return known.look(vantage, request, seconds);
    },
  };
  const nameServers = {
    answeredRegions: async () => {
      asked.push("name servers");
      return ["us-west-2"];
    },
  };
  const sleep = () => new Promise<void>((done) => setImmediate(() => setImmediate(done)));
  const ports = portsOf({ looks, nameServers, sleep });
  expect((await gatherEvidence(ports, here, "automatic")).dnsAnswers).toEqual(["us-west-2"]);
  expect(asked.at(-1)).toBe("name servers");
});

test("The source is asked but not waited for", async () => {
  const known = looksOf(healthyLooks);
  const looks: EvidencePorts["looks"] = {
    look: (vantage, request, seconds) =>
      vantage === "us-east-1" ? never() : known.look(vantage, request, seconds),
  };
  const { reports } = await gatherEvidence(portsOf({ looks }), here, "automatic");
  expect(verdictsOf(reports)).toEqual({
    "us-east-1": "unknown",
    "us-west-2": "healthy",
    "us-east-2": "healthy",
  });
});

test("What can't be had is unknown, never healthy and never zero", async () => {
  const control = portsOf().control;
  const evidence = await gatherEvidence(
    portsOf({
      control: { ...control, readHeartbeats: away, readViews: away, readChecks: away },
      application: () => ({ oldestHeartbeat: away, readJournal: away }),
      looks: looksOf({}),
      nameServers: { answeredRegions: away },
      route53: { readSwitch: away, updateSwitch: away },
      drain: { read: away, publish: away },
      newestDatapoint: async () => null,
    }),
    here,
    "automatic",
  );
  expect(new Set(evidence.reports.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  expect(new Set(evidence.canaries.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
  expect(evidence).toMatchObject({
    dnsAnswers: null,
    route53Reachable: false,
    levers: { "us-east-1": { switch: "unknown", drain: "unknown" } },
    replication: { "us-east-1": null, "us-west-2": null },
    controlHeartbeats: {},
    writesPerSecond: null,
  });
});

test("Without the routing state, or without knowing of Health issues, there is no evidence", async () => {
  const control = { ...portsOf().control, readRouting: away };
  await expect(gatherEvidence(portsOf({ control }), here, "automatic")).rejects.toThrow("away");
  const health = { list: away };
  await expect(gatherEvidence(portsOf({ health }), here, "automatic")).rejects.toThrow("away");
});

test("A view is stable since its change, unless it was not confirmed lately", async () => {
  const view: View = {
    ...{ vantage: "us-east-2", serving: "us-east-1", verdict: "healthy", detail: "" },
    since: now - 7_200_000,
    seenAt: now - 60_000,
  };
  const sinceWith = async (difference: Partial<View>) => {
    const control = { ...portsOf().control, readViews: async () => [{ ...view, ...difference }] };
    const { reports } = await gatherEvidence(portsOf({ control }), here, "planned");
    const seen = reports.find((r) => r.vantage === "us-east-2" && r.serving === "us-east-1");
    return seen?.healthySince;
  };
  expect(await sinceWith({})).toBe(now - 7_200_000);
  expect(await sinceWith({ seenAt: now - 60_001 })).toBeNull();
  expect(await sinceWith({ verdict: "failing" })).toBeNull();
});

test("The rate of writes is counted in the journal before the newest heartbeat", async () => {
  const key = { pk: "order#a", sk: "order" };
  const entry = {
    pk: "",
    sk: "",
    at: now - 5_000,
    table: "application",
    key,
    version: "v",
    expiresAt: 0,
  };
  const readJournal = async (partition: string) =>
    partition.startsWith("journal#us-east-1#1#0#") ? Array(30).fill(entry) : [];
  const application = () => ({ oldestHeartbeat: async () => now - 4_000, readJournal });
  const evidence = await gatherEvidence(portsOf({ application }), here, "automatic");
  // 09:00:00 less 4 s and less 24 s lie in one hour: 30 entries in 20 s.
  expect(evidence.writesPerSecond).toBe(1.5);
});

describe("Components of the serving Regions", () => {
  const minutes = (value: number) => [60_000, 120_000].map((age) => ({ at: now - age, value }));
  const verdictsIn = (evidence: Evidence, region: Region) =>
    Object.fromEntries(
      evidence.components
        .filter((report) => report.region === region)
        .map(({ component, verdict }) => [component, verdict]),
    );

  test("come from each Region's own CloudWatch, in one call of whole minutes", async () => {
    const asked: MinutesQuery[] = [];
    const minutesOf: EvidencePorts["minutesOf"] = async (query, seconds) => {
      expect(seconds).toBe(3);
      asked.push(query);
      const bad = query.region === "us-east-1" ? 30 : 0;
      return query.series.map(({ name }) => {
        if (name === "Count") return minutes(100);
        return name === "5XXError" ? minutes(bad) : [];
      });
    };
    const evidence = await gatherEvidence(portsOf({ minutesOf }), here, "automatic");
    expect(asked.map(({ region, from, to }) => [region, now - from, now - to])).toEqual([
      ["us-east-1", 300_000, 0],
      ["us-west-2", 300_000, 0],
    ]);
    expect(evidence.components[0]).toEqual({
      ...{ region: "us-east-1", component: "api-errors", verdict: "failing", at: now - 60_000 },
      detail: "orders-api: 60 of 200 failed (30 %)",
    });
    // The passive Region's gate refuses writes by design.
    expect(verdictsIn(evidence, "us-west-2")["api-errors"]).toBe("unknown");
  });

  test("are unknown, each of them, where CloudWatch can't be asked", async () => {
    const evidence = await gatherEvidence(portsOf({ minutesOf: away }), here, "automatic");
    const nothing = {
      ...{ "api-errors": "unknown", "api-latency": "unknown" },
      ...{ functions: "unknown", tables: "unknown" },
    };
    expect(verdictsIn(evidence, "us-east-1")).toEqual(nothing);
    expect(verdictsIn(evidence, "us-west-2")).toEqual(nothing);
  });

  test("of the API's function are unknown where its name is", async () => {
    const asked: string[] = [];
    const minutesOf: EvidencePorts["minutesOf"] = async ({ series }) => {
      asked.push(...series.flatMap(({ dimensions }) => dimensions.FunctionName ?? []));
      return series.map(() => minutes(100));
    };
    const nameless = { ...here, apiFunction: null };
    const evidence = await gatherEvidence(portsOf({ minutesOf }), nameless, "automatic");
    expect(asked).toEqual([]);
    expect(verdictsIn(evidence, "us-east-1").functions).toBe("unknown");
  });
});

test("The Health API adds an issue that no event told, and its silence says nothing", async () => {
  const issue = (eventArn: string) => ({
    ...{ eventArn, region: "us-east-1", service: "LAMBDA", eventTypeCode: "", startedAt: null },
    ...{ updatedAt: now - 60_000, counts: true, why: "" },
  });
  const health = { list: async () => [issue("stored")] };
  const asked = (openIssues: EvidencePorts["healthApi"]["openIssues"]) =>
    gatherEvidence(portsOf({ health, healthApi: { openIssues } }), here, "automatic");
  const added = await asked(async () => [issue("known to the API")]);
  expect(added.health.map(({ eventArn }) => eventArn)).toEqual(["stored", "known to the API"]);
  expect(added.healthApiAnswered).toBe(true);
  const silent = await asked(async () => {
    throw new Error("SubscriptionRequiredException");
  });
  expect(silent.health).toEqual([issue("stored")]);
  expect(silent.healthApiAnswered).toBe(false);
});

test("A vantage point whose clock is 90 s behind is as fresh and stable as others", async () => {
  const behind = 90_000;
  const answer = onClockOf(
    now - 8_000,
    lookAnswer("us-east-2", {
      at: now - behind,
      looks: [1, 2, 3].map((number) =>
        look("us-west-2", { startedAt: now - behind - 10_000 + number * 2_000 }),
      ),
    }),
  );
  const readViews = async (): Promise<View[]> => [
    {
      vantage: "us-east-2",
      serving: "us-west-2",
      verdict: "healthy",
      since: now - behind - 1_800_000,
      seenAt: now - behind - 20_000,
      detail: "",
    },
  ];
  const evidence = await gatherEvidence(
    portsOf({
      looks: looksOf({ ...healthyLooks, "us-east-2": answer }),
      control: { ...portsOf().control, readViews },
    }),
    here,
    "automatic",
  );
  expect(evidence.clocksAhead).toEqual({ "us-east-2": -behind });
  expect(
    evidence.reports.find((r) => r.vantage === "us-east-2" && r.serving === "us-west-2"),
  ).toMatchObject({ verdict: "healthy", at: now - 3_800, healthySince: now - 1_800_000 });
});
