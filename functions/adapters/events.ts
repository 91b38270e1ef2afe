// Puts our own signals on event buses. A signal is a wake-up, never a fact: it may be lost, so
// callers go on when it can't be put, and reconcile wakes the next run.
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Config, Region } from "../../core/config/schema.ts";
import type { Signal } from "../../core/contracts/signal.ts";
import { eventSource, signalDetailType } from "../../core/names.ts";
import { bounded, eventBridgeIn } from "./clients.ts";

/** Puts it on the default bus of `bus`; fails when it was not taken. */
export async function putSignal(
  config: Config,
  bus: Region,
  signal: Signal,
  seconds: number,
): Promise<void> {
  const command = new PutEventsCommand({
    Entries: [
      {
        Source: eventSource(config),
        DetailType: signalDetailType,
        Detail: JSON.stringify(signal),
        Time: new Date(signal.at),
      },
    ],
  });
  const answer = await bounded(seconds, (options) => eventBridgeIn(bus).send(command, options));
  if ((answer.FailedEntryCount ?? 0) > 0) {
    throw new Error(`${bus} did not take the signal: ${answer.Entries?.[0]?.ErrorMessage}`);
  }
}
