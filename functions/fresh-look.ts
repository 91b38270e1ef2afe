// The look that is asked for when a lever is about to move traffic and no evidence is young enough:
// the witness's and the Region's own. The peer may be the Region that is down: it is asked only
// where the witness is silent.
import type { Config, Region } from "../core/config/schema.ts";
import type { Look } from "../core/contracts/evidence.ts";
import { peerOf } from "../core/names.ts";
import { vouchSeconds } from "../core/votes.ts";
import type { Looks } from "./adapters/functions.ts";

export interface LookPorts {
  readonly looks: Looks;
  now(): number;
}

/** No lever call that rests on a look is sent later than so long after it. */
export const vouchMilliseconds = vouchSeconds * 1_000;
/** Given up after so long, however many steps are left (four, six with events): two of these and a
 * round of levers fit the callers' timeouts. */
const lookSeconds = 12;

/** When the outside look that vouches was made, at the latest now (its clock may be ahead); null:
 * none does, or one found the destination failing. */
export async function freshLook(
  ports: LookPorts,
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
  ports: LookPorts,
  vantage: Region,
  destination: Region,
): Promise<Look | null> {
  const request = { looks: 1, spacingSeconds: 0 };
  const answer = await ports.looks.look(vantage, request, lookSeconds).catch(() => null);
  return answer?.looks.find((look) => look.serving === destination) ?? null;
}
