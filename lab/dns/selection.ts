// Which of a name's records Route 53 answers. Pure: health and distance are arguments.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
import type { Region } from "../../core/config/schema.ts";
import { distanceKilometres } from "./distance.ts";
import type { ZoneRecord } from "./records.ts";

/** `candidates`: all records of one name and type, of one routing policy. */
export function selectRecord(
  candidates: readonly ZoneRecord[],
  healthy: (record: ZoneRecord) => boolean,
  from: Region,
): ZoneRecord | null {
  const first = candidates[0];
  if (first === undefined) return null;
  switch (first.routing.kind) {
    case "simple":
      return first;
    case "failover":
      return selectFailover(candidates, healthy);
    case "latency":
      return selectLatency(candidates, healthy, from);
  }
}

/** An unhealthy secondary makes Route 53 answer the primary whatever the primary's state. */
function selectFailover(
  candidates: readonly ZoneRecord[],
  healthy: (record: ZoneRecord) => boolean,
): ZoneRecord | null {
  const primary = candidates.find((one) => hasRole(one, "PRIMARY")) ?? null;
  const secondary = candidates.find((one) => hasRole(one, "SECONDARY")) ?? null;
  if (primary === null || secondary === null) return primary ?? secondary;
  return healthy(primary) || !healthy(secondary) ? primary : secondary;
}

/** The nearest healthy one; when none is healthy, all count as healthy ("last resort"). */
function selectLatency(
  candidates: readonly ZoneRecord[],
  healthy: (record: ZoneRecord) => boolean,
  from: Region,
): ZoneRecord | null {
  const fit = candidates.filter(healthy);
  const pool = fit.length > 0 ? fit : candidates;
  const ranked = [...pool].sort((a, b) => distanceOf(a, from) - distanceOf(b, from));
  return ranked[0] ?? null;
}

function hasRole(record: ZoneRecord, role: "PRIMARY" | "SECONDARY"): boolean {
  return record.routing.kind === "failover" && record.routing.role === role;
}

function distanceOf(record: ZoneRecord, from: Region): number {
  return record.routing.kind === "latency" ? distanceKilometres(from, record.routing.region) : 0;
}
