// The commands against the synthesized app, deployed into the lab: real SDK clients, on virtual
// time, under the managed policies that the app deploys for people.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkedConfig } from "../../core/config/load.ts";
import type { Config } from "../../core/config/schema.ts";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { type LabRole, people } from "../../lab/people.ts";
import { settled } from "../lab/services/in-process.ts";
import { type Said, said } from "./desk.ts";

/** Longer than policy.stabilitySeconds, so that a failback may follow. */
const warmUpMilliseconds = 2_100_000;
const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const arn = "arn:aws:sts::123456789012:assumed-role/switchback-on-call/ada";

let config: Config;
let lab: RunningLab;
let settings: ReturnType<typeof people>["settings"];

beforeAll(async () => {
  config = checkedConfig(readFileSync(join(projectRoot, "switchback.config.json"), "utf8"));
  const folder = await synthesize(config, () => {});
  lab = await startLab({ config, seed: 1, folder, zero, warmUpMilliseconds });
  settings = people(config, lab).settings;
  await lab.clock.runUntil(zero);
}, 600_000);
afterAll(() => lab.clock.uninstall());

async function operate(words: string, says?: boolean, role?: LabRole): Promise<Said> {
  return await settled(lab.clock, sit(words, says, role));
}

function sit(words: string, says?: boolean, role: LabRole = "on-call"): Promise<Said> {
  const { clock } = lab;
  const { credentials, requestHandler } = settings({ role, name: "ada" }, config.regions.witness);
  const connection = { credentials, requestHandler };
  const sitting = {
    ...{ config, connection },
    now: () => clock.now(),
    sleep: (milliseconds: number) => clock.sleep(milliseconds),
    ...(says === undefined ? {} : { says }),
  };
  return said(sitting, ...words.split(" "));
}

const archived = (region: string) =>
  [...(lab.s3.objectsIn(region, `orders-archive-123456789012-${region}-an`)?.keys() ?? [])].sort();

const patience = { timeout: 300_000 };

test(
  "status says who serves, what each vantage point sees, and how the levers stand",
  patience,
  async () => {
    const { status, out } = await operate("status --json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      epoch: 1,
      active: "us-east-1",
      writer: "us-east-1",
      phase: "steady",
      automation: "armed",
      levers: { "us-east-1": { standing: { switch: "released", drain: "released" } } },
      approvals: [],
      aborts: [],
      replication: { "us-east-1": { to: "us-west-2" }, "us-west-2": { to: "us-east-1" } },
      alarms: [],
      health: [],
      unknown: [],
      outlook: [
        { direction: "failover", kind: "go", source: "us-east-1", blockers: [] },
        {
          direction: "failback",
          kind: "hold",
          blockers: [{ code: "already-active" }, { code: "failback-needs-approval" }],
        },
      ],
      runs: [
        { region: "us-east-1", executions: [] },
        { region: "us-west-2", executions: [] },
      ],
    });
    const verdicts = JSON.parse(out).vantagePoints.flatMap(
      ({ vantage, sees }: { vantage: string; sees: { serving: string; verdict: string }[] }) =>
        sees.map(({ serving, verdict }) => `${vantage} ${serving} ${verdict}`),
    );
    expect(verdicts).toEqual([
      "us-east-1 us-east-1 healthy",
      "us-east-1 us-west-2 healthy",
      "us-west-2 us-east-1 healthy",
      "us-west-2 us-west-2 healthy",
      "us-east-2 us-east-1 healthy",
      "us-east-2 us-west-2 healthy",
    ]);
    const drawn = await operate("status");
    expect(drawn.out).toContain("serving     us-east-1   writer us-east-1   epoch 1\n");
    expect(drawn.out).toMatch(
      /^replication us-east-1 to us-west-2: \d+ s behind; a switch now loses at most \d+ s/m,
    );
    expect(drawn.out).toContain("failover    from us-east-1 to us-west-2: nothing blocks it\n");
    expect(drawn.out).toContain("failback    from us-west-2 to us-east-1: nothing to do\n");
  },
);

test("a failover shows a dry run, asks, and is followed to its end", patience, async () => {
  const dry = await operate("failover --dry-run");
  expect(dry.status).toBe(0);
  expect(dry.out).toContain("Dry run: nothing was changed.");
  const forced = await operate("failover --mode forced --dry-run");
  expect([forced.status, forced.out]).toEqual([0, expect.stringContaining("Go: forced failover")]);
  const back = await operate("failback --dry-run");
  expect([back.status, back.out]).toEqual([1, expect.stringContaining("us-east-1 serves already")]);
  expect(back.err).toContain("Blocked by: already-active");
  const no = await operate("failover", false);
  expect(no.asked).toEqual(["Start the planned failover?"]);
  expect(no.status).toBe(1);
  expect(JSON.parse((await operate("status --json")).out).epoch).toBe(1);
  const yes = await operate("failover --reason rehearsal", true);
  expect(yes.status).toBe(0);
  expect(yes.out).toContain("Done: planned failover from us-east-1 to us-west-2.");
  expect(yes.err).toContain(`${arn}: planned failover (rehearsal).`);
});

const denied = (action: string) =>
  expect.stringContaining(`is not authorized to perform: ${action}`);

test("a viewer sees everything and changes nothing", patience, async () => {
  const see = async (words: string) => (await operate(words, undefined, "viewer")).status;
  expect(JSON.parse((await operate("status --json", undefined, "viewer")).out).unknown).toEqual([]);
  expect(await see("history --json")).toBe(0);
  const dared = async (words: string) => {
    const { status, err } = await operate(words, true, "viewer");
    return [status, err];
  };
  expect(await dared("failover --yes")).toEqual([1, denied("states:StartExecution")]);
  expect(await dared("pause")).toEqual([1, denied("dynamodb:UpdateItem")]);
});

test("a failback waits for approval; what was shown is what is approved", patience, async () => {
  // Until the drain metric has said nothing but "pulled" for a minute.
  await lab.clock.runUntil(lab.clock.now() + 180_000);
  const refused = await operate("failback --yes");
  expect(refused.status).toBe(3);
  const no = await operate("reject --reason not-now", true);
  expect([no.status, no.out]).toEqual([0, `Rejected as ${arn}.\n`]);
  await lab.clock.runUntil(lab.clock.now() + 10_000);
  const run = /orders-operator-id\d+/.exec(refused.err)?.[0];
  expect((await operate(`show ${run}`)).out).toContain(`Rejected by ${arn}: not-now`);
  const back = await operate("failback", true);
  expect(back.asked).toEqual(["Start the planned failback?"]);
  expect(back.status).toBe(3);
  const { out: drawn } = await operate("status");
  expect(drawn).toContain("latch       held until an operator fails back");
  expect(drawn).toContain("approval    failback from us-west-2");
  const wrong = await operate("approve --yes --hash 0123456789");
  expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining("--hash any more")]);
  for (const role of ["viewer", "operator"] as const) {
    const { status, err } = await operate("approve --yes", true, role);
    expect([status, err], role).toEqual([1, denied("dynamodb:UpdateItem")]);
  }
  const begun = await operate("failover --yes", true, "approver");
  expect([begun.status, begun.err]).toEqual([1, denied("states:StartExecution")]);
  const yes = await operate("approve --reason looks-good", true);
  expect([yes.status, yes.out]).toEqual([0, `Approved as ${arn}.\n`]);
  await lab.clock.runUntil(lab.clock.now() + 120_000);
  const { out } = await operate("status --json");
  expect(JSON.parse(out)).toMatchObject({ epoch: 3, active: "us-east-1", approvals: [] });
  const none = await operate("approve --yes");
  expect([none.status, none.err]).toEqual([1, expect.stringContaining("No approval is pending.")]);
});

test("history lists the switches, and show tells one of them", patience, async () => {
  const { out } = await operate("history --since 7d --json");
  const { switches } = JSON.parse(out);
  expect(switches).toMatchObject([
    { direction: "failover", mode: "planned", from: "us-east-1", to: "us-west-2", epoch: 2 },
    { direction: "failback", mode: "planned", from: "us-west-2", to: "us-east-1", epoch: 3 },
  ]);
  expect(switches[0]).toMatchObject({ status: "SUCCEEDED", requestedBy: arn, lostWrites: null });
  const shown = await operate(`show ${switches[1].executionArn.split(":").at(-1)}`);
  expect(shown.out).toContain(`Approved by ${arn}`);
});

test("a run's evidence is exported, and found sound with the ledgers", patience, async () => {
  const folder = mkdtempSync(join(tmpdir(), "evidence-"));
  try {
    const { switches } = JSON.parse((await operate("history --json")).out);
    const name = switches[1].executionArn.split(":").at(-1);
    const done = await operate(`audit export ${name} --out ${folder} --archive`);
    expect([done.status, done.err]).toEqual([0, expect.stringContaining("Target: the lab")]);
    const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
    expect(read("evidence.json")).toHaveLength(2);
    expect(read("approval.json")).toMatchObject([{ value: { approved: true, by: arn } }]);
    expect(read("levers.json")).toMatchObject({
      before: { "us-east-1": { switch: "pulled", drain: "pulled" } },
      after: { "us-east-1": { switch: "released", drain: "released" } },
    });
    expect(read("measured.json")).toMatchObject({
      rto: { asClientsSawIt: "not known" },
      rpo: { lostWrites: 0, readBack: { missing: 0 } },
    });
    expect(readFileSync(join(folder, "history.json"), "utf8")).toContain("left out");
    expect(await operate(`audit verify ${folder}`)).toMatchObject({ status: 0 });
    for (const region of ["us-east-1", "us-west-2"]) {
      const bundle = archived(region).filter((key) => key.startsWith("orders/bundles/"));
      expect(bundle.map((key) => key.split("/").at(-1))).toContain("manifest.json");
      expect(done.out).toContain(`s3://orders-archive-123456789012-${region}-an/orders/bundles/`);
    }
    const ledgers = await operate("audit verify");
    expect([ledgers.status, ledgers.out]).toEqual([0, "The ledgers of 9 runs: sound.\n"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test(
  "ledgers of ended runs stand in the archive of the Region that ran them",
  patience,
  async () => {
    const { switches } = JSON.parse((await operate("history --json")).out);
    for (const { executionArn, because } of switches) {
      expect(because).toContain("operator-request");
      const [, , , region, , , , name] = executionArn.split(":");
      const chain = archived(region).filter((key) => key.startsWith(`orders/runs/${name}/`));
      expect(chain.slice(0, 2)).toEqual([
        `orders/runs/${name}/ledger-000001.json`,
        `orders/runs/${name}/ledger-000002.json`,
      ]);
      expect(chain.at(-1)).toMatch(/\/record-\d{6}\.json$/);
    }
  },
);

test("pause and resume change automation, with who and why", patience, async () => {
  const paused = await operate("pause --reason deploying");
  expect(paused.status).toBe(0);
  expect(JSON.parse((await operate("status --json")).out)).toMatchObject({
    automation: "paused",
    automationChange: { by: arn, reason: "deploying" },
  });
  await operate("resume");
  const short = await operate("pause --until 1m");
  expect(short.out).toMatch(/^automation: armed → paused, until 2026-01-15 .* UTC, then armed, by/);
  await lab.clock.runUntil(lab.clock.now() + 150_000);
  expect(JSON.parse((await operate("status --json")).out)).toMatchObject({
    automation: "armed",
    automationChange: { by: "reconcile" },
  });
});

test(
  "abort stops a switch that has claimed, and who served before serves again",
  patience,
  async () => {
    const { clock } = lab;
    const phase = async () => JSON.parse((await sit("status --json")).out).phase;
    const later = async () => {
      const end = clock.now() + 60_000;
      while ((await phase()) !== "switching" && clock.now() < end) await clock.sleep(500);
      return await sit("abort --yes --reason wrong-window");
    };
    const [failover, abort] = await settled(clock, Promise.all([sit("failover --yes"), later()]));
    expect(failover.status).toBe(1);
    expect([abort.status, abort.out]).toEqual([
      0,
      expect.stringContaining("serves again: us-east-1."),
    ]);
    expect(abort.err).toContain("It has claimed epoch 4, planned failover to us-west-2;");
    expect(JSON.parse((await operate("status --json")).out)).toMatchObject({
      ...{ epoch: 5, active: "us-east-1", writer: "us-east-1", phase: "steady" },
    });
    const none = await operate("abort --yes");
    expect([none.status, none.err]).toEqual([1, expect.stringContaining("No run is under way.")]);
  },
);

test(
  "in shadow a failing Region is left by nobody, and the report says it would be",
  patience,
  async () => {
    const epoch = async () => JSON.parse((await operate("status --json")).out).epoch;
    const before = await epoch();
    expect((await operate("shadow --reason rehearsal")).status).toBe(0);
    const fault = { mode: "error", share: 1, seconds: 0, path: "/orders" } as const;
    const heal = lab.apiGateway.addEndpointFault("us-east-1", fault);
    await lab.clock.runUntil(lab.clock.now() + 90_000);
    heal();
    const { status, out } = await operate("report --since 1h --json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      wouldSwitch: 1,
      wouldAsk: 0,
      switched: 0,
      episodes: [
        {
          verdict: "would-switch",
          source: "us-east-1",
          target: "us-west-2",
          because: ["quorum-reached"],
          blockedBy: [],
          evidence: expect.arrayContaining([expect.stringMatching(/^us-east-1: failing from /)]),
        },
      ],
      unknown: [],
    });
    const drawn = (await operate("report --since 1h")).out;
    expect(drawn).toContain("would have switched from us-east-1 to us-west-2");
    expect(await epoch()).toBe(before);
    expect((await operate("arm")).status).toBe(0);
  },
);

test(
  "with the primary gone everything still works, and says what is unknown",
  patience,
  async () => {
    lab.network.setDown("us-east-1", true);
    await operate("pause");
    const { status, out } = await operate("status --json");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      epoch: 5,
      automation: "paused",
      regions: [
        { region: "us-east-1", answered: false },
        { region: "us-west-2", answered: true },
      ],
      replication: { "us-west-2": { lagSeconds: null, lossBoundSeconds: null } },
      unknown: ["alarms: us-east-1 did not answer (3 s)"],
    });
    const failover = await operate("failover --mode forced --yes");
    expect(failover.status).toBe(0);
    const failback = await operate("failback --yes");
    expect(failback.status).toBe(1);
    expect(failback.err).toContain("us-east-1 did not answer");
  },
);
