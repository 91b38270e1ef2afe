// The JSON Schema of the configuration as editors read it: what may be written, before defaults
// are filled in. Generated, so that it can't drift from what is accepted.
import * as z from "zod";
import { configSchema } from "./schema.ts";

/** The file's text, newline at its end included. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const titled = { ...schema, title: "Switchback configuration" };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
