// What becomes of a write at the gate: it passes, or another Region's API writes it, or it is
// refused. While a switch is under way and nobody may write, it is held for some seconds, since
// then there is a writer again. A held write is no accepted one: it has passed no gate, nothing of
// it has been sent, and no fence waits for it.
import type { Config, Region } from "../../core/config/schema.ts";
import type { ApiAnswer, ApiRequest } from "../api/answers.ts";
import type { Measures } from "../metrics.ts";
import type { ClosedGate, Gate, GateAnswer } from "./gate.ts";

/** What came of handing a write on. */
export type Forwarded =
  /** The other Region's own answer, whatever it says. */
  | { readonly kind: "answered"; readonly answer: ApiAnswer }
  /** Certainly not written: nothing was sent, or it was turned away before the application. */
  | { readonly kind: "not-sent"; readonly why: string }
  /** No answer that says: it may have been written. */
  | { readonly kind: "unknown"; readonly why: string };

/** Never fails; ends within so many ms. */
export type Forward = (to: Region, request: ApiRequest, milliseconds: number) => Promise<Forwarded>;

export interface PassagePorts {
  readonly config: Config;
  readonly region: Region;
  readonly gate: Gate;
  /** Null: this request was forwarded itself, and is neither held nor forwarded again. */
  readonly forward: Forward | null;
  /** May one more write be held now? Never fails, is bounded; what can't be counted may not. */
  readonly mayHold: () => Promise<boolean>;
  /** The gate refused a customer's write: somebody should look. Never fails, is bounded. */
  readonly wake: (why: string, active: Region | null) => Promise<void>;
  /** Of each write that is held or forwarded. A line of some 300 bytes each: a twentieth of what
   * forwarding it costs. */
  readonly measure: (measures: Measures) => void;
  readonly say: (sentence: string) => void;
  /** ms on a monotonic clock. */
  readonly tick: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export type Passage =
  | { readonly kind: "open"; readonly gate: Extract<GateAnswer, { open: true }> }
  | { readonly kind: "answered"; readonly answer: ApiAnswer }
  | { readonly kind: "refused"; readonly detail: string; readonly active: Region | null };

// Clients are taken to wait 10 s. The last reading begins at 8 s; what it finds has until 9.5 s,
// half a second before they give up. A check is bounded by 7.5 s (read, in its first 1.5 s once
// more, beat, read), so that the whole ends within 16 s: the function has 20, API Gateway waits 29.
const heldMillisecondsMax = 8_000;
const answeredMilliseconds = 9_500;
/** A switch's pause ends once; a strong read twice a second a held write finds it soon. */
const pollMilliseconds = 500;
/** Connecting, the way there and back, and the other gate's own deadline. What hangs longer would
 * only fill this Region's containers. */
const forwardMillisecondsMax = 4_000;
/** With less, a write would be sent whose answer nobody waits for. */
const forwardMillisecondsMin = 500;

export async function passageOf(request: ApiRequest, ports: PassagePorts): Promise<Passage> {
  const since = ports.tick();
  const first = await ports.gate.check("writer");
  if (first.open) return { kind: "open", gate: first };
  // Where both Regions serve, one of them refuses as a rule: nobody's concern while that helps.
  const isUsual = ports.config.topology === "active-active" && first.writer !== null;
  if (!isUsual) await ports.wake(first.why, first.active);
  if (ports.forward === null) return refused(first);
  if (first.isSwitching && !(await ports.mayHold())) {
    ports.measure({ WritesAboveHeldMax: 1 });
    return refused(first, `${first.why} More writes are waiting already than may be held.`);
  }
  const gate = first.isSwitching ? await held(first, ports, since) : first;
  if (first.isSwitching) {
    ports.measure({ HeldWrites: 1, HeldSeconds: (ports.tick() - since) / 1_000 });
  }
  if (gate.open) {
    return ports.tick() - since <= answeredMilliseconds
      ? { kind: "open", gate }
      : { kind: "refused", detail: waitedTooLong, active: gate.active };
  }
  const passage = await handedOn(gate, request, ports, ports.forward, since);
  if (isUsual && passage.kind === "refused") await ports.wake(passage.detail, passage.active);
  return passage;
}

/** Until some Region may write. A reading that fails says nothing of that: it is repeated. */
async function held(first: ClosedGate, ports: PassagePorts, since: number): Promise<GateAnswer> {
  let gate: GateAnswer = first;
  while (!gate.open && gate.writer === null) {
    if (ports.tick() - since + pollMilliseconds > heldMillisecondsMax) return gate;
    await ports.sleep(pollMilliseconds);
    gate = await ports.gate.check("writer");
  }
  return gate;
}

async function handedOn(
  gate: ClosedGate,
  request: ApiRequest,
  ports: PassagePorts,
  forward: Forward,
  since: number,
): Promise<Passage> {
  const { writer } = gate;
  if (writer === null || writer === ports.region) return refused(gate);
  const left = answeredMilliseconds - (ports.tick() - since);
  if (left < forwardMillisecondsMin) return refused(gate);
  const forwarded = await forward(writer, request, Math.min(left, forwardMillisecondsMax));
  if (forwarded.kind !== "answered") {
    ports.say(`A write was not forwarded to ${writer} (${forwarded.kind}): ${forwarded.why}`);
  }
  switch (forwarded.kind) {
    case "answered":
      ports.measure({ ForwardedWrites: 1 });
      return forwarded;
    case "not-sent":
      ports.measure({ ForwardsNotSent: 1 });
      return refused(gate, `${gate.why} It could not be asked: ${forwarded.why}. Not written.`);
    case "unknown":
      ports.measure({ ForwardsUnknown: 1 });
      return refused(
        gate,
        `${writer} was asked to write and did not say that it has (${forwarded.why}): it may ` +
          "have been written. Repeat it as it was.",
      );
  }
}

const waitedTooLong = "A switch was under way for longer than a write may wait. Not written.";

function refused({ why, active }: ClosedGate, detail = why): Passage {
  return { kind: "refused", detail, active };
}
