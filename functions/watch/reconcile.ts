// Level-triggered: once a minute it does whatever the state says is missing, since events get
// lost. It acts only on what it has just read strongly, touches levers only while steady and
// unleased, and publishes nothing that it could not read. Each part fails alone.
import type { Config, Region } from "../../core/config/schema.ts";
import type { HealthIssue } from "../../core/contracts/evidence.ts";
import type { CheckIds, View } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import { leverRegions, peerOf, servingRegions } from "../../core/names.ts";
import { abandonedPlan, initialState, servingNow } from "../../core/plan.ts";
import { isJournalled } from "../../core/writer.ts";
import type { ApplicationTable } from "../adapters/application-table.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Divergences } from "../adapters/divergences.ts";
import type { HealthIssues } from "../adapters/health-issues.ts";
import type { NameServers } from "../adapters/name-servers.ts";
import type { LookPorts } from "../fresh-look.ts";
import type { LeverPorts } from "../levers.ts";
import type { Measure } from "../metrics.ts";
import { type StartPorts, startRun, type WakeUp } from "../on-signal/start-run.ts";
import { beside, type ReplicaPorts } from "../replicas.ts";
import { advanceMark, type Stride } from "./advance-mark.ts";
import { type ArchiveMemory, archiveBehind, type BehindPorts } from "./archive-behind.ts";
import { listDivergence } from "./list-divergence.ts";
import { reassertLevers } from "./reassert-levers.ts";
import { restoreAutomation } from "./restore-automation.ts";

export interface ReconcilePorts
  extends Omit<LeverPorts, "control" | "now">,
    ReplicaPorts,
    Omit<BehindPorts, "control"> {
  readonly config: Config;
  readonly region: Region;
  readonly control: ControlTable;
  readonly machine: StartPorts["machine"];
  readonly health: Pick<HealthIssues, "list">;
  readonly nameServers: NameServers;
  readonly looks: LookPorts["looks"];
  readonly measure: Measure;
  readonly divergences: Divergences;
  readonly application: (region: Region) => ApplicationTable;
  /** From the parameter store; null: not deployed yet. */
  readonly readCheckIds: () => Promise<CheckIds | null>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (sentence: string) => void;
}

/** What the container remembers. */
export interface Known {
  epoch: number;
  checksCopiedAt: number | null;
  readonly stride: Stride;
  readonly archive: ArchiveMemory;
}

/** The active Region sees to the levers at once, the passive one later in the minute: it finds
 * nothing to do while the active one lives, and Route 53's API is not asked twice. */
const passiveWaitsMilliseconds = 15_000;
const copyChecksMilliseconds = 600_000;
/** Looks at a dead Region take 20 s, and the view's next confirmation comes with one of them; and
 * the vantage point's clock may be 90 s behind. A run that is woken for nothing only looks. */
const viewStandsMilliseconds = 180_000;

export async function reconcile(ports: ReconcilePorts, known: Known): Promise<void> {
  const routing = await ports.control.findRouting();
  if (routing === null) return createRouting(ports);
  known.epoch = routing.epoch;
  await alone("Copying the check ids", ports, () => copyChecks(ports, known));
  await alone("Waking a run", ports, () => wakeRun(ports, routing));
  await alone("Restoring automation", ports, () =>
    restoreAutomation(ports, routing, () => isCurrent(ports, routing, "automation")),
  );
  const archiving = alone("Archiving", ports, () => archiveBehind(ports, known.archive));
  if (isSteady(routing)) await whileSteady(ports, routing, known);
  await archiving;
}

async function whileSteady(
  ports: ReconcilePorts,
  routing: RoutingState,
  known: Known,
): Promise<void> {
  const { region } = ports;
  await Promise.all([
    alone("Advancing the mark", ports, async () => {
      if (isJournalled(ports.config)) await advanceMark(ports, routing, known.stride);
    }),
    alone("Comparing what diverged", ports, async () => {
      if (isJournalled(ports.config)) await listDivergence(ports, routing);
    }),
    alone("Re-asserting the levers", ports, async () => {
      const now = region === routing.active ? routing : await readLater(ports);
      if (isSteady(now) && (await isCurrent(ports, now, "the levers"))) {
        await reassertLevers(noted(ports, known), now);
      }
    }),
  ]);
}

/** Chains of reconcile's own are listed by nobody else: what it begins it has to remember. */
function noted(ports: ReconcilePorts, known: Known): ReconcilePorts {
  const append: ReconcilePorts["ledger"]["append"] = (note) => {
    known.archive.chains.add(note.execution);
    return ports.ledger.append(note);
  };
  return { ...ports, ledger: { ...ports.ledger, append } };
}

const isSteady = (routing: RoutingState | null): routing is RoutingState =>
  routing?.phase === "steady" && routing.lease === null;

/** With eventual coordination this replica may be long past: levers are touched only while the
 * peer's shows the same, or a Region that was cut off would take itself back into service; and a
 * write here would put the old state over a newer one. */
async function isCurrent(
  ports: ReconcilePorts,
  routing: RoutingState,
  what: string,
): Promise<boolean> {
  const { replicas, config, region, say } = ports;
  if (replicas === undefined) return true;
  const peer = peerOf(config, region);
  const found = await beside(replicas.of(peer), routing);
  if (found !== "same") say(`Left ${what}: the control table in ${peer} is ${found}.`);
  return found === "same";
}

/** What the active Region has settled meanwhile must show, or it would be done twice. */
async function readLater({ control, sleep }: ReconcilePorts): Promise<RoutingState | null> {
  await sleep(passiveWaitsMilliseconds);
  return control.findRouting();
}

/** By the primary alone. The marks come first: before there is a routing state no gate is open,
 * so nothing is older than they say. */
async function createRouting(ports: ReconcilePorts): Promise<void> {
  const { config, control, region } = ports;
  if (region !== config.regions.primary) return;
  const at = ports.now();
  for (const source of servingRegions(config)) {
    if ((await control.readMark(source)) === null) {
      await control.putMark({ source, epoch: 1, at });
    }
  }
  const created = await control.createRouting(initialState(config, at));
  if (created) ports.say(`Created the routing state: ${config.regions.primary} is active.`);
}

async function copyChecks(ports: ReconcilePorts, known: Known): Promise<void> {
  const now = ports.now();
  const { checksCopiedAt } = known;
  if (checksCopiedAt !== null && now - checksCopiedAt < copyChecksMilliseconds) return;
  const ids = await ports.readCheckIds();
  if (ids === null) return;
  const stored = await ports.control.readChecks();
  if (JSON.stringify(sorted(stored)) !== JSON.stringify(sorted(ids))) {
    await ports.control.putChecks(ids);
    ports.say("Copied the health-check ids from the parameter store.");
  }
  known.checksCopiedAt = now;
}

function sorted(ids: CheckIds | null) {
  return Object.entries(ids ?? {})
    .map(([region, checks]) => [region, Object.entries(checks).sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function wakeRun(ports: ReconcilePorts, routing: RoutingState): Promise<void> {
  const now = ports.now();
  const wakeUp = abandonedPlan(routing, now)
    ? { kind: "reconcile" as const, against: null, words: "reconcile:a lease has lapsed", at: now }
    : await standingVote(ports, routing, now);
  if (wakeUp === null) return;
  const answer = await startRun(ports, wakeUp);
  if (answer.started) ports.say(`Started ${answer.name}: ${wakeUp.words}.`);
}

async function standingVote(
  ports: ReconcilePorts,
  routing: RoutingState,
  now: number,
): Promise<WakeUp | null> {
  // A run here leaves the other Region; whether this one is left the other one decides.
  const accused = peerOf(ports.config, ports.region);
  if (!servingNow(ports.config, routing).includes(accused)) return null;
  const [views, issues] = await Promise.all([ports.control.readViews(), ports.health.list(now)]);
  const seen = voteOfViews(views, accused, now) ?? voteOfHealth(issues, accused);
  const vote = seen ?? (await voteOfDns(ports, routing, accused));
  return vote === null
    ? null
    : { kind: "reconcile", against: accused, words: `reconcile:${vote}`, at: now };
}

function voteOfViews(views: readonly View[], accused: Region, now: number): string | null {
  const against = views.filter(
    (view) =>
      view.serving === accused &&
      view.verdict === "failing" &&
      now - view.seenAt <= viewStandsMilliseconds,
  );
  if (against.length === 0) return null;
  return `${against.map((view) => view.vantage).join(", ")} find ${accused} failing`;
}

function voteOfHealth(issues: readonly HealthIssue[], accused: Region): string | null {
  const issue = issues.find((each) => each.region === accused && each.counts);
  return issue === undefined ? null : `an open Health issue of ${issue.service} in ${accused}`;
}

/** What no lever of ours was told to do. How the levers stand the run reads itself. */
async function voteOfDns(
  ports: ReconcilePorts,
  routing: RoutingState,
  accused: Region,
): Promise<string | null> {
  const { config, nameServers } = ports;
  const { levers, switchAttempted } = routing;
  const untouched = leverRegions(config).every(
    (region) =>
      levers[region]?.switch === "released" &&
      levers[region]?.drain === "released" &&
      switchAttempted[region] === "released",
  );
  if (!untouched) return null;
  const answered = await nameServers.answeredRegions();
  if (answered === null || answered.includes(accused)) return null;
  return `Route 53 answers ${answered.join(" and ")} by itself`;
}

async function alone(
  what: string,
  ports: Pick<ReconcilePorts, "say">,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`${what} failed: ${why}`);
  }
}
