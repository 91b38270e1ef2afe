// What a Health event of a scenario says of itself, for the lab's log. The event is delivered as it
// stands in the file, malformed or not: what is missing here must not stop the drill.
import { z } from "zod";
import type { Json } from "../kernel.ts";

const said = z.string().catch("(nothing)");
const detailSchema = z.looseObject({ service: said, statusCode: said, eventRegion: said });

export function healthWords(detail: unknown): { code: Json; status: Json; impacted: Json } {
  const { service, statusCode, eventRegion } = detailSchema.catch(nothing).parse(detail);
  return { code: service, status: statusCode, impacted: eventRegion };
}

const nothing = { service: "(nothing)", statusCode: "(nothing)", eventRegion: "(nothing)" };
