// The gate with writes any-region: always open, in a Region that can't read the control table too,
// since no Region has to stop for another one to write. The epoch that it stamps is the last known
// one, 0 before any was read: it says who wrote when, for people. Which write of an item wins is
// DynamoDB's (the last one), and no fence or journal reads it.
import type { Gate } from "./gate.ts";
import type { GatePolicy } from "./judge.ts";

export interface OpenGatePorts {
  /** The epoch as it stands; null: there is none yet. Bounded. */
  readonly readEpoch: () => Promise<number | null>;
  /** ms on a monotonic clock. */
  readonly tick: () => number;
}

/** A container's first write waits for the epoch; later ones go on with what is known. */
export function createOpenGate(
  policy: Pick<GatePolicy, "leaseSeconds" | "deadlineSeconds">,
  ports: OpenGatePorts,
): Gate {
  let known = 0;
  let first: Promise<void> | null = null;
  let readAt = 0;

  async function read(): Promise<void> {
    readAt = ports.tick();
    const epoch = await ports.readEpoch().catch(() => null);
    known = Math.max(known, epoch ?? 0);
  }

  return {
    async check() {
      if (first === null) first = read();
      else if (ports.tick() - readAt > policy.leaseSeconds * 1_000) void read();
      await first;
      // A write that hangs is still cut off: the client repeats it, here or in the other Region.
      const checkedAt = ports.tick();
      return {
        open: true,
        epoch: known,
        active: null,
        remainingMilliseconds: () => policy.deadlineSeconds * 1_000 - (ports.tick() - checkedAt),
      };
    },
  };
}
