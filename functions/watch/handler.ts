// One vantage point's watch: started every minute, works until shortly before the next one starts.
// EventBridge starts nothing more often than every minute, and detection has 30 seconds. What it
// learned stays in the container for the next minute.
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import { accountOf } from "../account.ts";
import { applicationTable } from "../adapters/application-table.ts";
import { archive } from "../adapters/archive.ts";
import { drainMetricOf } from "../adapters/cloudwatch.ts";
import { controlTable } from "../adapters/control-table.ts";
import { divergences } from "../adapters/divergences.ts";
import { endedRuns } from "../adapters/ended-runs.ts";
import { putSignal } from "../adapters/events.ts";
import { looksOf } from "../adapters/functions.ts";
import { healthIssues } from "../adapters/health-issues.ts";
import { ledger, ledgerReader } from "../adapters/ledger.ts";
import { nameServersOf } from "../adapters/name-servers.ts";
import { readCheckIds } from "../adapters/parameters.ts";
import { route53 } from "../adapters/route53.ts";
import { stateMachine } from "../adapters/state-machine.ts";
import { defineHandler, type Invocation } from "../define-handler.ts";
import { livePorts } from "../journey/live.ts";
import { epochKept } from "../log.ts";
import { measureFor } from "../metrics.ts";
import { replicaPorts } from "../replicas.ts";
import { sleep } from "../sleep.ts";
import { fullStride } from "./advance-mark.ts";
import { emptyArchiveMemory } from "./archive-behind.ts";
import { beat } from "./beat.ts";
import { emptyMemory, type LookAroundPorts, lookAround } from "./look-around.ts";
import { type Duty, type Pace, workUntil } from "./minute.ts";
import { type Known, type ReconcilePorts, reconcile } from "./reconcile.ts";
import { viewsThrough } from "./views.ts";

/** The next invocation begins a minute after this one: 3 s to end, so that it finds this container
 * and what it remembers. */
const workMilliseconds = 57_000;
/** Left for the answer to get out before Lambda's own timeout. */
const marginMilliseconds = 2_000;
const signalSeconds = 2;

const pace: Pace = new Map();
const memory = emptyMemory();
const known: Known = {
  ...{ epoch: 0, checksCopiedAt: null, stride: fullStride() },
  archive: emptyArchiveMemory(),
};
const now = () => Date.now();

export const handler = defineHandler({
  name: "watch",
  input: z.unknown(),
  async run(_event, invocation) {
    const begun = now();
    if (known.epoch > 0) invocation.log.keep({ epoch: known.epoch });
    const limit = begun + invocation.remainingMilliseconds() - marginMilliseconds;
    const say = (sentence: string) => invocation.log.info(sentence);
    const until = Math.min(begun + workMilliseconds, limit);
    await workUntil(until, dutiesOf(invocation, say), pace, { now, sleep, say });
  },
});

function dutiesOf(invocation: Invocation, say: (sentence: string) => void): Duty[] {
  const { config, region } = invocation.env;
  const { lookSeconds, heartbeatSeconds, stepTimeoutSeconds } = config.detection;
  const ports = lookPorts(config, region, say);
  const looking: Duty = {
    name: "look",
    everySeconds: lookSeconds,
    // A look that fails by timeout takes one step's, and is worth nothing unfinished. With events
    // the step that waits comes after others.
    needsSeconds: stepTimeoutSeconds + (config.workloads.includes("events") ? 3 : 1),
    run: () => lookAround({ config, vantage: region }, memory, ports),
  };
  if (!servingRegions(config).includes(region)) return [looking];
  const reconcilePorts = reconcilePortsOf(invocation, say);
  const application = applicationTable(config, region);
  const control = controlTable(config, region);
  return [
    looking,
    {
      name: "beat",
      everySeconds: heartbeatSeconds,
      needsSeconds: 1,
      run: () => beat(region, known, { control, application, now }),
    },
    {
      name: "reconcile",
      everySeconds: 60,
      needsSeconds: 30,
      run: () => reconcile(reconcilePorts, known),
    },
  ];
}

function lookPorts(config: Config, vantage: Region, say: (s: string) => void): LookAroundPorts {
  const views = viewsThrough(config, vantage, (region) => controlTable(config, region));
  const measure = measureFor(config);
  return {
    ...livePorts,
    views,
    failed: (serving) => measure({ FailedLooks: 1 }, { Vantage: vantage, Serving: serving }),
    signal: (bus, signal) => putSignal(config, bus, signal, signalSeconds),
    say,
  };
}

function reconcilePortsOf(invocation: Invocation, say: (sentence: string) => void): ReconcilePorts {
  const { env, log } = invocation;
  const { config, region } = env;
  const of = (where: Region) => controlTable(config, where);
  const account = accountOf(invocation.functionArn);
  return {
    ...replicaPorts(config, { region, of, sleep }),
    config,
    region,
    control: epochKept(controlTable(config, region), log),
    machine: stateMachine(config, region, account),
    endedRuns: endedRuns(config, region, account),
    archive: archive(config, region, account),
    readLedger: ledgerReader(config, region),
    health: healthIssues(config, region),
    nameServers: nameServersOf(config),
    looks: looksOf(config, now),
    measure: measureFor(config),
    divergences: divergences(config, region),
    application: (where) => applicationTable(config, where),
    readCheckIds: () => readCheckIds(config),
    ledger: ledger(config, region, now),
    route53: route53(region),
    drain: drainMetricOf(config),
    now,
    sleep,
    say,
  };
}
