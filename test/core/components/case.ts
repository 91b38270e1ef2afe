// The shape of the component table's cases. Minutes are listed newest first, from the last whole
// one; null is a minute without a datapoint. What a case does not say has no datapoints at all.
import { z } from "zod";
import {
  componentRules,
  type Series,
  seriesKey,
  seriesOf,
} from "../../../core/component-metrics.ts";
import type { MinuteValue, Readings } from "../../../core/components.ts";
import type { Config } from "../../../core/config/schema.ts";
import { componentNames } from "../../../core/contracts/evidence.ts";
import { now } from "../world.ts";

const minutes = z.array(z.number().nullable());

export const caseSchema = z.strictObject({
  title: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  /** By metric; "PutItem SystemErrors" and "process-events Errors" where there are several. */
  given: z.record(z.string(), minutes),
  /** Which Region; default the primary, active. */
  region: z.enum(["primary", "secondary"]).default("primary"),
  /** Seconds since the claim of epoch 2, which made the Region the writer; absent: epoch 1. */
  claimAge: z.number().optional(),
  /** A switch is under way. */
  switching: z.boolean().default(false),
  expect: z.partialRecord(
    z.enum(componentNames),
    z.strictObject({
      verdict: z.enum(["failing", "healthy", "unknown"]),
      detail: z.string().optional(),
    }),
  ),
});
export type ComponentCase = z.infer<typeof caseSchema>;

/** "2026-01-15T09:00:00Z" is a whole minute: the last one before it began 60 s earlier. */
export function readingsOf(config: Config, apiFunction: string, given: ComponentCase["given"]) {
  const all = seriesOf(componentRules(config, apiFunction));
  const readings = new Map<string, MinuteValue[]>();
  for (const [name, values] of Object.entries(given)) {
    const found = all.filter((series) => isNamed(config, series, name));
    const [series] = found;
    if (series === undefined || found.length > 1)
      throw new Error(`${name}: ${found.length} series`);
    const points = values.flatMap((value, i) =>
      value === null ? [] : [{ at: now - (i + 1) * 60_000, value }],
    );
    readings.set(seriesKey(series), points);
  }
  const answered: Readings = readings;
  return answered;
}

function isNamed({ application }: Config, { name, dimensions }: Series, wanted: string): boolean {
  const { FunctionName, TableName, Operation } = dimensions;
  const of = FunctionName?.replace(`${application}-`, "");
  const words = [TableName?.replace(`${application}-`, ""), of, Operation, name];
  return words.filter((word) => word !== undefined).join(" ") === wanted;
}
