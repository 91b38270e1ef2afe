// How long an outage may last before clients are served again, added up term by term from the
// configuration. An estimate of the worst case, for refusing objectives that can't be met and for
// telling operators what to expect; what really happened is measured in drills.
import { replicationSkewSeconds } from "../loss-bound.ts";
import type { Config } from "./schema.ts";

export type Term = { readonly label: string; readonly seconds: number };
export type Estimate = { readonly seconds: number; readonly terms: readonly Term[] };

// Route 53 gives a probe 4 s to connect and 2 s more to answer (Developer Guide, "How Route 53
// determines whether a health check is healthy").
const probeTimeoutSeconds = 6;
// Clients keep an answer for its TTL. For an API Gateway alias 60 s is what is observed; AWS
// publishes no number.
const answerTtlSeconds = 60;
// Not published: from a changed status to changed answers of the zone's name servers.
const answerChangeSeconds = 5;
// An event through EventBridge, and the start of an execution with cold functions.
const wakeUpSeconds = 2;
// GatherEvidence: three looks, 3 s apart.
const evidenceSpacingSeconds = 6;
// Decide, claim, and their ledger entries.
const decideSeconds = 3;
const inFlightSeconds = 1;
const promoteSeconds = 1;
// FenceSource reads the source's replica so long, and one read more (eventual coordination).
const noticeSeconds = 13;
// A pulled lever: the switch's update is usually seen within seconds, the drain's metric within
// its 60 s period. Neither is published.
const leverEffectSeconds = 60;

const sum = (terms: readonly Term[]): Estimate => ({
  seconds: terms.reduce((total, term) => total + term.seconds, 0),
  terms,
});

/** From impact to the claim: looks fail, a run wakes, gathers evidence and decides. */
function noticing({ detection: d }: Config): Term[] {
  return [
    {
      label: `${d.lookFailures} failed looks, ${d.lookSeconds} s apart, the last one timing out`,
      seconds: d.lookSeconds * d.lookFailures + d.stepTimeoutSeconds,
    },
    { label: "the signal wakes region-switch", seconds: wakeUpSeconds },
    {
      label: "evidence: three fresh looks, 3 s apart, the last one timing out",
      seconds: evidenceSpacingSeconds + d.stepTimeoutSeconds,
    },
    { label: "decide and claim", seconds: decideSeconds },
  ];
}

/** Until the target accepts writes: the controller's path of a hard outage. */
export function writesAtTarget(config: Config): Estimate {
  if (config.writes === "any-region") {
    return sum([{ label: "writes any-region: the target accepts writes all along", seconds: 0 }]);
  }
  return sum([
    ...noticing(config),
    ...(config.coordination === "eventual"
      ? [{ label: "the source is given time to show the claim", seconds: noticeSeconds }]
      : []),
    {
      label: "fence: write lease, write deadline, 1 s in flight",
      seconds: config.writeLeaseSeconds + config.writeDeadlineSeconds + inFlightSeconds,
    },
    { label: "promote the target", seconds: promoteSeconds },
  ]);
}

/** Until the last client has the new answer, when Route 53 notices by itself. */
export function answersAtTarget({ detection: d }: Config): Estimate {
  return sum([
    {
      label:
        `${d.endpointFailures} failed probes, ${d.endpointIntervalSeconds} s apart, ` +
        `each up to ${probeTimeoutSeconds} s`,
      seconds: d.endpointFailures * (d.endpointIntervalSeconds + probeTimeoutSeconds),
    },
    {
      label: "name servers answer the target (unpublished; assumed)",
      seconds: answerChangeSeconds,
    },
    { label: "clients keep the old answer for its TTL", seconds: answerTtlSeconds },
  ]);
}

/** A Region that answers nothing: both paths run at once, and the slower one counts. */
export function hardOutage(config: Config): {
  readonly seconds: number;
  readonly writes: Estimate;
  readonly answers: Estimate;
} {
  const writes = writesAtTarget(config);
  const answers = answersAtTarget(config);
  return { seconds: Math.max(writes.seconds, answers.seconds), writes, answers };
}

/** /health stays green and orders fail: only looks notice, only levers move traffic. */
export function grayFailure(config: Config): Estimate {
  return sum([
    ...noticing(config),
    {
      label: "a pulled lever takes effect (unpublished; the drain metric's period)",
      seconds: leverEffectSeconds,
    },
    { label: "clients keep the old answer for its TTL", seconds: answerTtlSeconds },
  ]);
}

/** The loss window of a hard outage at its worst: the beat that replicated last is one beat old,
 * the control-table beat one beat younger, and a gate may stay open for lease and deadline. */
export function lossWindow(config: Config): Estimate {
  const { heartbeatSeconds } = config.detection;
  return sum([
    { label: "age of the newest heartbeat at the target", seconds: heartbeatSeconds },
    { label: "age of the control-table heartbeat a gate may rest on", seconds: heartbeatSeconds },
    { label: "write lease", seconds: config.writeLeaseSeconds },
    { label: "write deadline", seconds: config.writeDeadlineSeconds },
    {
      label: "partitions that replicate later than the heartbeats'",
      seconds: replicationSkewSeconds,
    },
  ]);
}

/** `35 s (looks) + 2 s (…) = 37 s` */
export function arithmetic({ seconds, terms }: Estimate): string {
  const parts = terms.map((term) => `${term.seconds} s (${term.label})`);
  return `${parts.join(" + ")} = ${seconds} s`;
}
