// Whether a lever may move traffic towards the destination now: a look at most 60 s old must vouch
// for it. Looks fresh where the evidence has become too old. Not needed where every lever stands as
// desired already: setting it again moves nothing.
import type { Config, Region } from "../../core/config/schema.ts";
import { freshLook, type LookPorts, vouchMilliseconds } from "../fresh-look.ts";
import type { GrantedClaim } from "../hold-lease.ts";

export interface VouchRequest {
  readonly claim: GrantedClaim;
  readonly destination: Region;
  readonly vouchedAt: number | null;
  /** A lever is not known to stand as desired. */
  readonly moves: boolean;
}

export type Vouched =
  /** `notAfter`: no lever call is sent later; null: no limit. */
  | { readonly allowed: true; readonly at: number | null; readonly notAfter: number | null }
  | { readonly allowed: false; readonly at: null; readonly why: string };

/** What a round of levers may take: an older look would run out under way. */
const leversMilliseconds = 25_000;

export async function vouch(
  ports: LookPorts,
  config: Config,
  request: VouchRequest,
): Promise<Vouched> {
  const { claim, destination, vouchedAt, moves } = request;
  const unlimited = claim.plan.mode === "forced" || !moves;
  if (unlimited) return { allowed: true, at: vouchedAt, notAfter: null };
  const at = isYoung(vouchedAt, ports.now())
    ? vouchedAt
    : await freshLook(ports, config, destination);
  if (at !== null) return { allowed: true, at, notAfter: at + vouchMilliseconds };
  const why = `No vantage point outside vouches for ${destination}; no lever was touched.`;
  return { allowed: false, at: null, why };
}

/** Young enough for a whole round of levers. */
export function isYoung(vouchedAt: number | null, now: number): vouchedAt is number {
  return vouchedAt !== null && now - vouchedAt < vouchMilliseconds - leversMilliseconds;
}
