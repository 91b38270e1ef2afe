// The lab's append-only event log. The hash grows with each event, so that two runs are compared
// by one string. `at` is virtual ms since 1970.
import { createHash } from "node:crypto";
import type { Clock, EventLog, LabEvent } from "./kernel.ts";

export function createEventLog(clock: Pick<Clock, "now">): EventLog {
  const events: LabEvent[] = [];
  const listeners: ((event: LabEvent) => void)[] = [];
  const hash = createHash("sha256");
  return {
    events,
    emit(kind, region, detail) {
      const event = { at: clock.now(), kind, region, detail };
      events.push(event);
      hash.update(`${JSON.stringify(event)}\n`);
      for (const listener of listeners) listener(event);
      return event;
    },
    on(listener) {
      listeners.push(listener);
    },
    sha256: () => hash.copy().digest("hex"),
  };
}
