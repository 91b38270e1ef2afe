// One look at both serving Regions, side by side: what it shows is recorded and, when a Region has
// failed often enough in a row, signalled to both. The count survives from one invocation to the
// next in the container, and a cold start takes up the recorded view.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import type { View } from "../../core/contracts/records.ts";
import type { Signal } from "../../core/contracts/signal.ts";
import { servingRegions } from "../../core/names.ts";
import type { JourneyPorts } from "../journey/asking.ts";
import { walk } from "../journey/journey.ts";
import { blank, type Sight, seen, sightFrom, verdictOf, viewToRecord } from "./sight.ts";

export interface LookAroundPorts extends JourneyPorts {
  readonly views: {
    readonly read: () => Promise<View[]>;
    readonly put: (view: View) => Promise<void>;
  };
  /** On that Region's bus; bounded. */
  readonly signal: (bus: Region, signal: Signal) => Promise<void>;
  /** Counts a look that failed. */
  readonly failed: (serving: Region) => void;
  readonly say: (sentence: string) => void;
}

/** What the container remembers, by serving Region. */
export interface Memory {
  readonly sights: Map<Region, Sight>;
  readonly signalledAt: Map<Region, number>;
  readonly recording: Set<Region>;
}

export const emptyMemory = (): Memory => ({
  sights: new Map(),
  signalledAt: new Map(),
  recording: new Set(),
});

/** A signal that got lost is repeated while the outage lasts. */
const signalAgainMilliseconds = 60_000;

export async function lookAround(
  where: { readonly config: Config; readonly vantage: Region },
  memory: Memory,
  ports: LookAroundPorts,
): Promise<void> {
  const { config, vantage } = where;
  const remembering = remember(where, memory, ports);
  await Promise.all(
    servingRegions(config).map(async (serving) => {
      const look = await walk({ config, vantage, serving }, ports);
      await remembering;
      await take(look, where, memory, ports);
    }),
  );
}

/** The recorded views, once a container; the looks go on when they can't be read. */
async function remember(
  { config, vantage }: { readonly config: Config; readonly vantage: Region },
  memory: Memory,
  ports: LookAroundPorts,
): Promise<void> {
  if (memory.sights.size > 0) return;
  const views = await ports.views.read().catch((): View[] => []);
  // A look that overlaps this one may have begun to remember as well, and have gone on.
  if (memory.sights.size > 0) return;
  for (const serving of servingRegions(config)) {
    const view = views.find((each) => each.vantage === vantage && each.serving === serving);
    const sight = sightFrom(view ?? null, ports.now(), config.detection.lookFailures);
    memory.sights.set(serving, sight);
  }
}

async function take(
  look: Look,
  { config, vantage }: { readonly config: Config; readonly vantage: Region },
  memory: Memory,
  ports: LookAroundPorts,
): Promise<void> {
  const { serving } = look;
  const { lookFailures } = config.detection;
  const before = memory.sights.get(serving) ?? blank;
  const sight = seen(before, look, lookFailures, ports.now());
  memory.sights.set(serving, sight);
  const verdict = verdictOf(sight, lookFailures);
  if (verdict !== verdictOf(before, lookFailures)) {
    ports.say(`${vantage} finds ${serving} ${verdict}. ${look.detail}`.trim());
  }
  if (look.passed) memory.signalledAt.delete(serving);
  else ports.failed(serving);
  const view = viewToRecord(sight, look, { vantage, now: ports.now(), lookFailures });
  await Promise.all([
    view === null ? null : record(view, memory, ports),
    verdict === "failing" ? signalOnce(look, { config, vantage }, memory, ports) : null,
  ]);
}

async function record(view: View, memory: Memory, ports: LookAroundPorts): Promise<void> {
  const { serving } = view;
  // One at a time: an older view must not land after a newer one. The next look tries again.
  if (memory.recording.has(serving)) return;
  memory.recording.add(serving);
  try {
    await ports.views.put(view);
    const sight = memory.sights.get(serving);
    if (sight !== undefined) memory.sights.set(serving, { ...sight, recorded: view });
  } catch (error) {
    ports.say(`The view of ${serving} could not be recorded: ${String(error)}`);
  } finally {
    memory.recording.delete(serving);
  }
}

async function signalOnce(
  look: Look,
  { config, vantage }: { readonly config: Config; readonly vantage: Region },
  memory: Memory,
  ports: LookAroundPorts,
): Promise<void> {
  const now = ports.now();
  const last = memory.signalledAt.get(look.serving);
  if (last !== undefined && now - last < signalAgainMilliseconds) return;
  memory.signalledAt.set(look.serving, now);
  const signal: Signal = {
    kind: "watch",
    from: vantage,
    against: look.serving,
    detail: `finds ${look.serving} failing: ${look.failedStep ?? "look"}: ${look.detail}`,
    at: now,
  };
  await Promise.all(
    servingRegions(config).map((bus) => ports.signal(bus, signal).catch(() => undefined)),
  );
}
