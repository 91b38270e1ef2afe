// The yardstick, whole: the same outage with the controller and with Route 53 alone. The primary's
// orders fail while /health stays green, which Route 53 can't see: where the two differ most.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { type DrillResult, drillResultSchema } from "../../lab/report/result.ts";
import { loadScenario } from "../../lab/scenarios/load.ts";
import { drill } from "../lab/command.ts";

/** Ten minutes: a synthesis and a drill on a machine that is busy with other things. */
const patience = { timeout: 600_000 };

const scenario = {
  name: "yardstick",
  description: "Orders fail in the primary for 150 seconds, and nothing but orders.",
  traffic: { clients: 8, requestsPerSecond: 2, ignoresTtlShare: 0 },
  timeline: [
    {
      at: "30s",
      id: "gray",
      fault: { kind: "endpoint", region: "primary", mode: "error", path: "/orders" },
    },
    { at: "3m", heal: "gray" },
  ],
  until: "4m",
};

let folder: string;
let file: string;
let assembly: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yardstick-"));
  file = join(folder, "yardstick.json");
  writeFileSync(file, JSON.stringify(scenario));
  const { config } = loadScenario(file, join(projectRoot, "switchback.config.json"));
  assembly = await synthesize(config, () => {});
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function drilled(...words: string[]): Promise<DrillResult> {
  const ended = await drill(file, "--assembly", assembly, "--json", ...words);
  return drillResultSchema.parse(JSON.parse(ended.stdout));
}

test(
  "Route 53 alone leaves clients where orders fail; the drill itself is the same",
  patience,
  async () => {
    const measured = await drilled();
    const late = await drilled("--late-baseline");
    expect(measured.baselineFailure).toBeUndefined();
    const [one] = measured.switches;
    const baseline = one?.baseline;
    expect(baseline).toMatchObject({ simulated: true, movedAt: null, healedAt: 180 });
    // Healed after 150 s; each client asks every four seconds.
    expect(baseline?.rtoSeconds.p50).toBeGreaterThan(150);
    expect(baseline?.rtoSeconds.p50).toBeLessThan(160);
    expect(one?.rtoSeconds.p99).toBeLessThan(120);
    // The same seed is the same baseline, whenever it runs, and never part of the drill's log.
    expect(late.switches).toEqual(measured.switches);
    expect(late.logSha256).toBe(measured.logSha256);
  },
);
