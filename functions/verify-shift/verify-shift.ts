// Calls the public name from the destination and from the witness: the two vantage points that an
// outage of the departed Region leaves. Where one of them is silent the departed Region is asked
// too: two that agree are enough. No answer is an answer too, and says null.
import type { Config, Region } from "../../core/config/schema.ts";
import type { Claim, Run, Verification } from "../../core/contracts/steps.ts";
import { departureOf, destinationOf, servingAfter } from "../../core/plan.ts";
import type { Looks } from "../adapters/functions.ts";
import { type GrantedClaim, granted, holdLease, type LeasePorts } from "../hold-lease.ts";

export interface VerifyPorts extends LeasePorts {
  readonly looks: Looks;
}

/** One call of 5 s, a cold start, and the way there and back. */
const lookSeconds = 12;

export async function verifyShift(
  ports: VerifyPorts,
  config: Config,
  input: { run: Run; claim: Claim },
): Promise<Verification> {
  const claim = granted(input.claim);
  await holdLease(ports, config, input.run, claim);
  const destination = destinationOf(claim);
  const ask = async (vantage: Region) => ({ vantage, region: await seenFrom(ports, vantage) });
  // Asked at once, waited for only where it is needed: it may be the Region that is down.
  const departed = ask(departureOf(claim));
  const answers = await Promise.all([destination, config.regions.witness].map(ask));
  if (answers.some(({ region }) => region === null)) answers.push(await departed);
  return { verified: isVerified(claim, answers), answers };
}

/** One Region serves alone: nobody is answered from elsewhere. Two serve side by side: which one a
 * place gets depends on the place, and the destination is the nearest to itself alone. */
function isVerified(claim: GrantedClaim, answers: Verification["answers"]): boolean {
  const destination = destinationOf(claim);
  const serving = servingAfter(claim);
  const answered = answers.flatMap(({ region }) => region ?? []);
  if (answered.some((region) => !serving.includes(region))) return false;
  if (serving.length === 1) return answered.length >= 2;
  return answers.some((each) => each.vantage === destination && each.region === destination);
}

async function seenFrom(ports: VerifyPorts, vantage: Region): Promise<Region | null> {
  const request = { looks: 1, spacingSeconds: 0, publicName: true };
  const answer = await ports.looks.look(vantage, request, lookSeconds).catch(() => null);
  return answer?.publicName ?? null;
}
