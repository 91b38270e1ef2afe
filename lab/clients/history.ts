// What clients remember: each request in five fields, and each write that was acknowledged to them.
// Everything the report says of clients is computed from this alone.
import type { Region } from "../../core/config/schema.ts";
import type { NewEvent } from "../../core/contracts/events.ts";

/** `missing`: a healthy answer that an acknowledged order does not exist. That is data not yet
 * replicated, or lost, and no outage: it counts as a failed request, but not towards RTO. */
export type Outcome = "ok" | "failed" | "missing";

export type RequestKind = "write" | "read" | "list";

/** Times are ms since 1970, on the lab's clock. */
export interface RequestRecord {
  /** When the client began: with the DNS question. */
  readonly at: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** X-Region of the answer; null: no answer, or none that says. */
  readonly region: Region | null;
  readonly kind: RequestKind;
}

export interface ClientHistory {
  readonly client: number;
  readonly ignoresTtl: boolean;
  /** In the order in which they ended. */
  readonly requests: readonly RequestRecord[];
}

export interface AcknowledgedWrite {
  readonly id: string;
  /** An event's acknowledgement says that it is on the bus, and will have its effect. */
  readonly kind: "order" | "event" | "item";
  readonly client: number;
  /** When the acknowledgement arrived, ms since 1970. */
  readonly at: number;
  /** X-Region of the answer; null where it didn't say. */
  readonly region: Region | null;
  /** Of the stamp; null for events. */
  readonly epoch: number | null;
  /** Of the stamp; absent for events. */
  readonly version?: string;
  /** What was sent; events only. */
  readonly event?: NewEvent;
}
