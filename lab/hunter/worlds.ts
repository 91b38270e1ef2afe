// The configurations that disasters are drawn from: few, since each costs a synthesis. Every
// waiting time is short in all of them, so that a run of half an hour sees what takes hours. Looks
// are what a run's real time goes into: in most worlds they are rarer than by default.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { deepMerge } from "../../core/config/load.ts";

const worldsSchema = z
  .array(z.strictObject({ name: z.string(), config: z.record(z.string(), z.unknown()) }))
  .min(1);

export interface World {
  readonly name: string;
  /** As a scenario's `config`. */
  readonly config: { readonly [key: string]: unknown };
}

/** Of the primary's health, before a failback's gates open; the draw leaves room for it. */
export const stabilitySeconds = 120;

const healthServices = ["APIGATEWAY", "DYNAMODB", "LAMBDA", "MULTIPLE_SERVICES", "EVENTS", "SQS"];
/** Long: a fence that is waited for too shortly shows only while gates would still be open. */
const writeLeaseSeconds = 15;
const hasty = {
  writeLeaseSeconds,
  detection: { canaryIntervalSeconds: 120, healthServices, heartbeatSeconds: 20, lookSeconds: 20 },
  objectives: { rtoSeconds: 300 },
  policy: { approvalTimeoutSeconds: 120, cooldownSeconds: 300, stabilitySeconds },
};

export function readWorlds(): World[] {
  const file = join(dirname(fileURLToPath(import.meta.url)), "worlds.json");
  const worlds = worldsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return worlds.map(({ name, config }) => ({
    name,
    config: z.record(z.string(), z.unknown()).parse(deepMerge(hasty, config)),
  }));
}
