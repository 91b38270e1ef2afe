// The recorded cases, as read from disk, and what comparing needs: the recorder's decoding and
// masking applied to our side. The data is not part of the project; its README says how it was
// made.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Json } from "../../kernel.ts";
import type { HistoryEvent } from "./history.ts";
import type { FunctionAnswer, FunctionCode } from "./virtual-world.ts";

const json: z.ZodType<Json> = z.json();
const indexSchema = z.object({
  cases: z.array(
    z.object({
      file: z.string(),
      level: z.string(),
      features: z.array(z.string()),
      status: z.string(),
    }),
  ),
});
const historyEventSchema = z
  .object({
    id: z.int(),
    previousEventId: z.int(),
    type: z.string(),
    stateEnteredEventDetails: z.object({ name: z.string() }).optional(),
    stateExitedEventDetails: z.object({ name: z.string() }).optional(),
  })
  .loose();
const caseSchema = z.object({
  test: z.string(),
  definition: json,
  input: json,
  lambdas: z.array(z.object({ name: z.string(), arn: z.string(), source: z.string() })),
  expected: z.object({
    status: z.string(),
    output: json.optional(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
  history: z.array(historyEventSchema).nullish(),
});
export type RecordedCase = z.infer<typeof caseSchema>;

/** @throws ZodError, or the file system's error */
export function readIndex(folder: string) {
  return indexSchema.parse(JSON.parse(readFileSync(join(folder, "asl/index.json"), "utf8"))).cases;
}

export function readCase(folder: string, file: string): RecordedCase {
  return caseSchema.parse(JSON.parse(readFileSync(join(folder, "asl", file), "utf8")));
}

/** The Python sources of the recordings, by text, rewritten. */
const behaviours: { readonly [source: string]: (payload: Json) => FunctionAnswer } = {
  "def handler(event, context):\n    return event\n": (payload) => ({ payload }),
};

/** Functions of a case by name and by ARN, or the name of the one that nobody has rewritten. */
export function functionsOf(
  recorded: RecordedCase,
): { [nameOrArn: string]: FunctionCode } | { unknown: string } {
  const functions: { [nameOrArn: string]: FunctionCode } = {};
  for (const { name, arn, source } of recorded.lambdas) {
    const behaviour = behaviours[source];
    if (!behaviour) return { unknown: name };
    functions[name] = behaviour;
    functions[arn] = behaviour;
  }
  return functions;
}

const isoTimestamp = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/;
const ignored = new Set(["SdkHttpMetadata", "SdkResponseMetadata"]);

/** As the recorder does: strings that start with "{" are decoded, timestamps masked. */
export function normalise(value: Json): Json {
  if (typeof value === "string") return normaliseText(value);
  if (Array.isArray(value)) return value.map(normalise);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key]) => !ignored.has(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, normalise(member)]));
}

function normaliseText(text: string): Json {
  if (isoTimestamp.test(text)) return "date";
  if (!text.startsWith("{")) return text;
  try {
    return normalise(json.parse(JSON.parse(text)));
  } catch {
    return text;
  }
}

/** One line an event: type, and the state it is about where it names one. */
export function traceOfRecorded(events: NonNullable<RecordedCase["history"]>): string[] {
  return events.map((event) =>
    line(
      event.type,
      event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name,
      event.previousEventId,
    ),
  );
}

export function traceOfOwn(events: readonly HistoryEvent[]): string[] {
  return events.map((event) => line(event.type, stateName(event), event.previousEventId));
}

export function stateName(event: HistoryEvent): string | undefined {
  const { stateEnteredEventDetails, stateExitedEventDetails } = event.details;
  const details = stateEnteredEventDetails ?? stateExitedEventDetails ?? null;
  if (details === null || typeof details !== "object" || Array.isArray(details)) return undefined;
  return typeof details.name === "string" ? details.name : undefined;
}

const line = (type: string, name: string | undefined, previous: number) =>
  `${type}${name === undefined ? "" : ` ${name}`} after #${previous}`;
