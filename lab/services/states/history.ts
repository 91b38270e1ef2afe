// An execution's history in AWS's event types, with AWS's links: `previousEventId` follows the
// branch, not the list. Details are kept in the wire's shape, so that GetExecutionHistory copies.
// Source: API_HistoryEvent; links as recorded from AWS.
import type { Json } from "../../kernel.ts";

/** `at` is ms since 1970; `details` holds at most one "…EventDetails" member. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly at: number;
  readonly type: string;
  readonly details: { readonly [key: string]: Json };
}

/** Quota "Maximum execution history size": the event that reaches it is the failure itself. */
export const eventsMax = 25_000;
/** Quota "Maximum input or output size", in bytes of UTF-8. */
export const payloadBytesMax = 262_144;

/** The history is full; nothing in a definition catches that. */
export class HistoryFull extends Error {
  override readonly name = "HistoryFull";
}

export class History {
  readonly events: HistoryEvent[] = [];
  private readonly now: () => number;
  private readonly heard: (event: HistoryEvent) => void;

  constructor(now: () => number, heard: (event: HistoryEvent) => void) {
    this.now = now;
    this.heard = heard;
  }

  /** @throws HistoryFull when only the closing event still fits */
  append(type: string, previousEventId: number, details: { [key: string]: Json } = {}): number {
    if (this.events.length >= eventsMax - 1) throw new HistoryFull();
    return this.push(type, previousEventId, details);
  }

  /** The closing event always fits. */
  close(type: string, previousEventId: number, details: { [key: string]: Json }): void {
    this.push(type, previousEventId, details);
  }

  private push(type: string, previousEventId: number, details: { [key: string]: Json }): number {
    const id = this.events.length + 1;
    const event = { id, previousEventId, at: this.now(), type, details };
    this.events.push(event);
    this.heard(event);
    return id;
  }
}

const whole = { truncated: false };

export function entered(name: string, input: string): { [key: string]: Json } {
  return { stateEnteredEventDetails: { name, input, inputDetails: whole } };
}

/** `assigned`: the variables that the state set; absent when it has no Assign. */
export function exited(
  name: string,
  output: string,
  assigned: { readonly [name: string]: Json } | null,
): { [key: string]: Json } {
  const details = { name, output, outputDetails: whole };
  if (!assigned) return { stateExitedEventDetails: details };
  const texts = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]);
  return {
    stateExitedEventDetails: {
      ...details,
      assignedVariables: Object.fromEntries(texts),
      assignedVariablesDetails: whole,
    },
  };
}

/** Error and cause as AWS shows them: a member that is not known is absent. */
export function errorAndCause(error: string | null, cause: string | null) {
  return { ...(error === null ? {} : { error }), ...(cause === null ? {} : { cause }) };
}
