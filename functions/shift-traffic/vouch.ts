// Whether a lever may move traffic towards the destination now: a look at most 60 s old must vouch
// for it. Looks fresh where the evidence has become too old. Not needed where every lever stands as
// desired already: setting it again moves nothing.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Look } from "../../core/contracts/evidence.ts";
import { peerOf } from "../../core/names.ts";
import type { Looks } from "../adapters/functions.ts";
import type { GrantedClaim } from "../hold-lease.ts";

export interface VouchPorts {
  readonly looks: Looks;
  now(): number;
}

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

const vouchMilliseconds = 60_000;
/** What a round of levers may take: an older look would run out under way. */
const leversMilliseconds = 25_000;
/** Four steps of 5 s at most; two of these and a round of polling fit the function's timeout. */
const lookSeconds = 12;

export async function vouch(
  ports: VouchPorts,
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

/** When the outside look that vouches was made, at the latest now (its clock may be ahead); null:
 * none does, or one found the destination failing. The peer may be the Region that is down: it is
 * asked only where the witness is silent. */
async function freshLook(
  ports: VouchPorts,
  config: Config,
  destination: Region,
): Promise<number | null> {
  const [outside, own] = await Promise.all([
    lookFrom(ports, config.regions.witness, destination),
    lookFrom(ports, destination, destination),
  ]);
  if (own?.passed === false) return null;
  const vouching = outside ?? (await lookFrom(ports, peerOf(config, destination), destination));
  return vouching?.passed === true ? Math.min(vouching.startedAt, ports.now()) : null;
}

async function lookFrom(
  ports: VouchPorts,
  vantage: Region,
  destination: Region,
): Promise<Look | null> {
  const request = { looks: 1, spacingSeconds: 0 };
  const answer = await ports.looks.look(vantage, request, lookSeconds).catch(() => null);
  return answer?.looks.find((look) => look.serving === destination) ?? null;
}
