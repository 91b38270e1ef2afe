// What people say to a decision, and who counts as another person. An answer waives only what it
// was asked about; with approval.twoPerson one by whoever asked for the run counts as none, and the
// question stands. Identities are as STS tells them; one that is unknown is never a second person.
import type { Config } from "./config/schema.ts";
import { canonical } from "./contracts/ledger.ts";
import { type Abort, abortInWords } from "./contracts/records.ts";
import type { ApprovalAnswer, LossBound, SwitchRequest } from "./contracts/steps.ts";
import { reportsHash } from "./divergence.ts";
import type { Blocker, Case } from "./gates.ts";
import type { ReasonCode } from "./reasons.ts";

/** Session names that tools make up where nobody gives one: they name no person. */
const madeUp = /^(botocore-session-|aws-sdk-|aws-cli|awscli-|aws-go-sdk|i-[0-9a-f]{8})/i;

/** The name by which two identities are held against each other: an IAM user's, the session's of an
 * assumed role (whichever role), or the whole text where it is no ARN. null: it names nobody. */
export function personOf(identity: string): string | null {
  const resource = /^arn:[^:]*:(?:iam|sts)::[^:]*:(.+)$/.exec(identity)?.[1];
  const name = (resource?.split("/").at(-1) ?? identity).trim().toLowerCase();
  const isSession = resource?.startsWith("assumed-role/") === true;
  return name === "" || (isSession && madeUp.test(name)) ? null : name;
}

/** Nobody asked for an automatic run: whoever answers is another. */
export function isSecondPerson(asker: string | null, answerer: string): boolean {
  if (asker === null) return true;
  const [first, second] = [personOf(asker), personOf(answerer)];
  return first !== null && second !== null && first !== second;
}

/** Who asked for it; null: nobody, it is automatic. */
export function askerOf({ mode, requestedBy }: SwitchRequest): string | null {
  return mode === "automatic" ? null : requestedBy;
}

/** Of a run that has claimed nothing. A take-over goes on: whoever stopped it would leave a switch
 * half done, with nobody writing. */
export function abortGate(abort: Abort | null): Blocker[] {
  if (abort === null) return [];
  return [{ code: "aborted", stops: "hold", forceable: false, detail: abortInWords(abort) }];
}

interface Answerable {
  readonly because: readonly ReasonCode[];
  readonly blockers: readonly Blocker[];
  readonly waived: readonly ReasonCode[];
  readonly urgent: boolean;
  /** Who acknowledged the divergence reports with their approval. */
  readonly readBy?: string;
}

/** An approval waives only the asking reasons that it names, and for what was asked: the same words
 * may mean another switch once another one came between (a failback brings back whoever is out). */
export function answered<F extends Answerable>(
  { config, evidence, plan, bound, now }: Case & { readonly bound: LossBound },
  request: SwitchRequest,
  found: F,
  approval: ApprovalAnswer | null,
): F {
  if (approval === null) return found;
  const { plan: asked = plan, approved, by, reason = `by ${by}`, divergenceHash } = approval;
  if (canonical(asked) !== canonical(plan)) return found;
  if (!approved) return blocked(found, "not-approved", "hold", reason);
  // Other reports than those that were shown are unread.
  const other = divergenceHash !== undefined && divergenceHash !== reportsHash(evidence.divergence);
  const greater = bound.seconds !== null && bound.seconds > lossShown(config, approval, now);
  const waives = approval.waives.filter((code) => {
    return (
      !(other && code === "divergence-unread") && !(greater && code === "loss-above-objective")
    );
  });
  const lets = (b: Blocker) => b.stops === "ask" && waives.includes(b.code);
  const waived = found.blockers.filter(lets).map((b) => b.code);
  if (waived.length === 0) return found;
  const asker = askerOf(request);
  if (config.approval.twoPerson && asker !== null && !isSecondPerson(asker, by)) {
    return blocked(
      found,
      "second-person-needed",
      "ask",
      `asked for by ${asker}, approved by ${by}`,
    );
  }
  return {
    ...found,
    because: [...found.because.filter((code) => !waived.includes(code)), "approved"],
    blockers: found.blockers.filter((b) => !lets(b)),
    waived: [...found.waived, ...waived],
    ...(waived.includes("divergence-unread") ? { readBy: by } : {}),
  };
}

/** Seconds of loss that whoever approved was shown. The bound grows by a second each second that
 * the source goes on writing, as the question says; and in leaps of one heartbeat. It never grows
 * faster, unless a source comes back that had fallen silent, or its target loses sight of it. */
function lossShown(
  { detection }: Config,
  { lossBoundSeconds: seconds, decidedAt }: ApprovalAnswer,
  now: number,
): number {
  if (seconds === null) return Number.POSITIVE_INFINITY;
  if (seconds === undefined || decidedAt === undefined) return 0;
  return seconds + Math.max(0, now - decidedAt) / 1_000 + detection.heartbeatSeconds;
}

function blocked<F extends Answerable>(
  found: F,
  code: ReasonCode,
  stops: Blocker["stops"],
  detail: string,
): F {
  const blockers = [...found.blockers, { code, stops, forceable: false, detail }];
  return { ...found, blockers, urgent: stops === "ask" && found.urgent };
}
