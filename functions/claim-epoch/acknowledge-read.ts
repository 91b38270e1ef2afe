// Whoever approves a failback with divergence reports before their eyes has read them. It is put on
// record before the claim: that they were read holds whether or not the claim succeeds.
import type { Divergences } from "../adapters/divergences.ts";
import type { ClaimInput } from "./transitions.ts";

/** Repeated, or beaten by somebody who acknowledged them beside the run, it changes nothing. */
export async function acknowledgeRead(
  divergences: Pick<Divergences, "acknowledge">,
  { decision, intent }: Pick<ClaimInput, "decision" | "intent">,
  at: number,
): Promise<void> {
  const by = decision.divergenceReadBy;
  if (by === null || intent !== "switch") return;
  for (const { epoch, hash } of decision.divergence) {
    await divergences.acknowledge(epoch, { by, at, hash });
  }
}
