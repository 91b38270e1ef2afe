// process-events of one Region: Lambda hands it batches of the queue's messages.
import { controlTable } from "../adapters/control-table.ts";
import { eventItems } from "../adapters/event-items.ts";
import { defineHandler } from "../define-handler.ts";
import { epochWithin } from "./known-epoch.ts";
import { batchAnswerSchema, batchSchema, processEvents } from "./process-events.ts";

/** The stamp's epoch may be so old: a control-table read for every batch would buy nothing. */
const epochSeconds = 30;
let epoch: (() => Promise<number>) | null = null;

export const handler = defineHandler({
  name: "process-events",
  input: batchSchema,
  output: batchAnswerSchema,
  async run(batch, { env, log }) {
    const { config, region } = env;
    const now = () => Date.now();
    epoch ??= epochWithin(epochSeconds, controlTable(config, region), () => performance.now());
    return processEvents(batch, {
      region,
      items: eventItems(config, region),
      epoch,
      now,
      say: (sentence) => log.warn(sentence),
    });
  },
});
