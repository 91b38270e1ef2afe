// What a browser needs to hear before a page of one name may use an API of another (CORS). In one
// place, since three parts say it: API Gateway to preflights, API Gateway on its own answers, and
// the function on all others. One origin, so the answers differ for nobody and need no Vary.
import type { Config } from "../config/schema.ts";
import { websiteName } from "../names.ts";
import { activeRegionHeader, idempotencyHeader, regionHeader } from "./orders.ts";

export interface CrossOrigin {
  readonly origin: string;
  /** Request headers that the page may set. */
  readonly allowedHeaders: readonly string[];
  /** Response headers that the page may read. */
  readonly exposedHeaders: readonly string[];
  /** How long a browser may go without asking again. */
  readonly preflightSecondsMax: number;
}

/** Null: there is no page of ours, and no other may. */
export function crossOriginOf(config: Config): CrossOrigin | null {
  if (!config.frontend) return null;
  return {
    origin: `https://${websiteName(config)}`,
    allowedHeaders: ["Content-Type", idempotencyHeader],
    exposedHeaders: [regionHeader, activeRegionHeader, "Retry-After"],
    preflightSecondsMax: 600,
  };
}

/** On every answer but a preflight's. */
export function crossOriginHeaders(config: Config): Readonly<Record<string, string>> {
  const allowed = crossOriginOf(config);
  if (allowed === null) return {};
  return {
    "Access-Control-Allow-Origin": allowed.origin,
    "Access-Control-Expose-Headers": allowed.exposedHeaders.join(","),
  };
}
