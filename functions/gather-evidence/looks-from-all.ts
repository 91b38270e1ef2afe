// Fresh looks from the three vantage points at once. The machine runs in the Region that would
// serve; its own looks and the witness's are waited for. The other serving Region may be the one
// that is down: it is asked, and taken if it has answered shortly after the others.
import type { Region } from "../../core/config/schema.ts";
import type { SwitchMode } from "../../core/contracts/routing-state.ts";
import { peerOf } from "../../core/names.ts";
import type { Looks, SeenLooks } from "../adapters/functions.ts";
import type { Here } from "./gather-evidence.ts";

export interface LookPorts {
  readonly looks: Looks;
  sleep(milliseconds: number): Promise<void>;
  now(): number;
}

/** null: no answer in time. */
export type LooksByVantage = ReadonlyMap<Region, SeenLooks | null>;

export const looksWanted = 3;
const spacingSeconds = 3;
/** Two spacings and three walks of a Region that drops packets (5 s each): 21 s; what takes longer
 * is cut at what the step's 45 s allow. */
const answerSeconds = 28;
/** An operator's switch needs the source's own view and has time for its cold start. */
const peerMilliseconds = (mode: SwitchMode) => (mode === "automatic" ? 1_000 : 5_000);

export async function looksFromAll(
  ports: LookPorts,
  { config, region }: Here,
  mode: SwitchMode,
): Promise<LooksByVantage> {
  const { witness } = config.regions;
  const peer = peerOf(config, region);
  const fromPeer = lookFrom(ports, peer);
  const [own, outside] = await Promise.all([lookFrom(ports, region), lookFrom(ports, witness)]);
  const late = ports.sleep(peerMilliseconds(mode)).then(() => null);
  const other = await Promise.race([fromPeer, late]);
  return new Map([
    [region, own],
    [peer, other],
    [witness, outside],
  ]);
}

function lookFrom(ports: LookPorts, vantage: Region): Promise<SeenLooks | null> {
  const request = { looks: looksWanted, spacingSeconds };
  return ports.looks.look(vantage, request, answerSeconds).catch(() => null);
}
