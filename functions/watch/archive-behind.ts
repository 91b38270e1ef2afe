// What RecordOutcome could not archive follows here: runs that ended, of this Region's machine, and
// reconcile's own chains. Level-triggered: what is missing follows from what the machine lists and
// from the mark up to which all is archived; a few chains a minute, so that nothing waits for S3.
import type { Config, Region } from "../../core/config/schema.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { EndedRun, EndedRuns } from "../adapters/ended-runs.ts";
import { type ArchivePorts, archiveChain } from "../archive-chain.ts";
import type { Measure } from "../metrics.ts";

export interface BehindPorts extends ArchivePorts {
  readonly config: Config;
  readonly region: Region;
  readonly control: Pick<ControlTable, "readArchived" | "putArchived">;
  readonly endedRuns: EndedRuns;
  readonly measure: Measure;
  readonly now: () => number;
}

/** What the container remembers. */
export interface ArchiveMemory {
  /** Every run that ended up to then (ms since 1970) is archived; null: not read yet. */
  archivedTo: number | null;
  /** Ends of runs that this container saw into the archive. */
  readonly done: Set<string>;
  /** Reconcile's chains that are not in it yet. */
  readonly chains: Set<string>;
}

export const emptyArchiveMemory = (): ArchiveMemory => ({
  archivedTo: null,
  done: new Set(),
  chains: new Set(),
});

/** Each some twenty small objects. */
const chainsAMinute = 3;
/** Listings are eventually consistent: a run may appear after others that ended later. */
const overlapMilliseconds = 300_000;
const remembered = 500;

export async function archiveBehind(ports: BehindPorts, memory: ArchiveMemory): Promise<void> {
  const now = ports.now();
  const from = await startOf(ports, memory, now);
  const ended = await ports.endedRuns.since(from - overlapMilliseconds);
  const missing = ended
    .filter((run) => !memory.done.has(endOf(run)))
    .sort((a, b) => a.endedAt - b.endedAt);
  let left = missing.length + memory.chains.size;
  const say = () => ports.measure({ UnarchivedRuns: left }, { Region: ports.region });
  try {
    for (const run of missing.slice(0, chainsAMinute)) {
      await archiveChain(ports, ports, run.executionArn);
      remember(memory, run);
      left -= 1;
    }
    await advance(ports, memory, missing);
    for (const chain of [...memory.chains].slice(0, chainsAMinute)) {
      if (!isClosed(chain, now)) continue;
      await archiveChain(ports, ports, chain);
      memory.chains.delete(chain);
      left -= 1;
    }
  } finally {
    say();
  }
}

/** A first deployment archives from its beginning on, not what years of runs left. */
async function startOf(ports: BehindPorts, memory: ArchiveMemory, now: number): Promise<number> {
  if (memory.archivedTo !== null) return memory.archivedTo;
  const stored = await ports.control.readArchived(ports.region);
  if (stored === null) await ports.control.putArchived(ports.region, now);
  memory.archivedTo = stored ?? now;
  return memory.archivedTo;
}

/** Up to the first run that is still missing. */
async function advance(
  { control, region }: BehindPorts,
  memory: ArchiveMemory,
  missing: readonly EndedRun[],
): Promise<void> {
  const open = missing.findIndex((run) => !memory.done.has(endOf(run)));
  const last = open < 0 ? missing.at(-1) : missing[open - 1];
  if (last === undefined || last.endedAt <= (memory.archivedTo ?? 0)) return;
  await control.putArchived(region, last.endedAt);
  memory.archivedTo = last.endedAt;
}

/** A run that is redriven ends more than once, its chain longer each time. */
const endOf = ({ executionArn, endedAt }: EndedRun) => `${executionArn} ${endedAt}`;

function remember({ done }: ArchiveMemory, run: EndedRun): void {
  done.add(endOf(run));
  const [oldest] = done;
  if (done.size > remembered && oldest !== undefined) done.delete(oldest);
}

/** "reconcile/REGION/MINUTE": its minute is over, and nobody appends to it any more. */
function isClosed(chain: string, now: number): boolean {
  return Number(chain.split("/").at(-1)) < Math.floor(now / 60_000);
}
