// The minute of a watch: duties at their own pace, aligned to the clock, side by side. A duty that
// takes long (a look at a dead Region waits for its timeouts) never delays the next one.
export interface Duty {
  readonly name: string;
  readonly everySeconds: number;
  /** Not begun when less than this is left of the invocation. */
  readonly needsSeconds: number;
  /** Must be bounded; what it throws is said and forgotten. */
  readonly run: () => Promise<void>;
}

export interface MinutePorts {
  /** ms since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (sentence: string) => void;
}

/** When each duty began last, by name: kept while the container lives, so that two invocations in
 * a row keep the pace. */
export type Pace = Map<string, number>;

/** Works until `until` (ms since 1970). What is unfinished then is abandoned. */
export async function workUntil(
  until: number,
  duties: readonly Duty[],
  pace: Pace,
  ports: MinutePorts,
): Promise<void> {
  const begun: Promise<void>[] = [];
  const next = new Map(duties.map((duty) => [duty, firstTime(duty, pace, ports.now())]));
  for (;;) {
    const now = ports.now();
    for (const duty of duties) {
      const due = next.get(duty) ?? now;
      if (due > now) continue;
      next.set(duty, slotAfter(duty, now));
      if (until - now < duty.needsSeconds * 1_000) continue;
      pace.set(duty.name, now);
      begun.push(quietly(duty, ports));
    }
    const soonest = Math.min(...next.values());
    if (soonest >= until) break;
    await ports.sleep(soonest - now);
  }
  const left = ports.sleep(Math.max(0, until - ports.now()));
  await Promise.race([Promise.all(begun), left]);
}

/** At once, unless the invocation before began it less than half a slot ago. */
function firstTime(duty: Duty, pace: Pace, now: number): number {
  const last = pace.get(duty.name);
  const recent = last !== undefined && now - last < duty.everySeconds * 500;
  return recent ? slotAfter(duty, now) : now;
}

function slotAfter(duty: Duty, now: number): number {
  const slot = duty.everySeconds * 1_000;
  return (Math.floor(now / slot) + 1) * slot;
}

async function quietly(duty: Duty, ports: MinutePorts): Promise<void> {
  try {
    await duty.run();
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    ports.say(`${duty.name} failed: ${why}`);
  }
}
