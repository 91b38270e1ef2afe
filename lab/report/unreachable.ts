// What a failover had to do without.
import { z } from "zod";
import type { Plan } from "../../core/contracts/routing-state.ts";
import type { LabEvent } from "../kernel.ts";
import type { Facts } from "./gather.ts";

export const faultDetail = z.object({ id: z.string(), regions: z.array(z.string()) });

type Unreachable = "source" | "route53-control-plane" | "health-api" | "other";

/** What stood in a failover's way while it ran: the three that it must do without, or more. */
export function unreachableDuring(
  { plan: { source }, from, until }: { plan: Plan; from: number; until: number },
  { events }: Pick<Facts, "events">,
): Unreachable[] {
  const standing = new Map<string, Unreachable>();
  const met = new Set<Unreachable>();
  for (const event of events) {
    if (event.at > until) break;
    if (event.kind === "heal") standing.delete(String(event.detail.id));
    if (event.kind === "fault") standing.set(String(event.detail.id), hitBy(event, source));
    // When the death that was planned has come, the log doesn't say.
    if (event.kind === "crash" || event.kind === "variables-set") met.add("other");
    if (event.at >= from) for (const what of standing.values()) met.add(what);
  }
  for (const what of standing.values()) met.add(what);
  return [...met];
}

function hitBy({ detail }: LabEvent, source: string): Unreachable {
  if (detail.kind === "route53-control-plane") return "route53-control-plane";
  if (detail.kind === "health-api") return "health-api";
  const regions = faultDetail.safeParse(detail).data?.regions ?? [];
  return regions.length === 1 && regions[0] === source ? "source" : "other";
}
