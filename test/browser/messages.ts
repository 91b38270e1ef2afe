// What the test says to the lab's process and hears from it. The lab owns virtual time and takes
// over its process's timers; the browser's driver needs real ones: so they are two processes.
import { z } from "zod";

const texts = z.record(z.string(), z.string());
const requestSchema = z.object({
  method: z.string(),
  host: z.string(),
  path: z.string(),
  query: texts,
  headers: texts,
  body: z.string(),
});
const responseSchema = z.object({ status: z.number(), headers: texts, body: z.string() });

/** Each is answered under its id; an exchange whose packets are lost never is. */
export const commandSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("advance"), id: z.number(), milliseconds: z.number() }),
  z.object({ kind: z.literal("exchange"), id: z.number(), request: requestSchema }),
  z.object({
    kind: z.literal("set-down"),
    id: z.number(),
    region: z.string(),
    isDown: z.boolean(),
  }),
  z.object({ kind: z.literal("delete-page"), id: z.number(), region: z.string() }),
]);
export const answerSchema = z.object({ id: z.number(), response: responseSchema.nullable() });

export type Command = z.infer<typeof commandSchema>;
export type SentRequest = z.infer<typeof requestSchema>;
export type LabResponse = z.infer<typeof responseSchema>;
