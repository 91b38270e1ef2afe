// The closed list of reasons, each with its one sentence: what the log, the ledger, a notification
// and the command line say. A reason is never made up where it is used, so that tests, dashboards
// and runbooks can rely on the code.
import type { Region } from "./config/schema.ts";

const sentences = {
  // Why something is done.
  "quorum-reached":
    "Enough votes stand against {source}, and more outside vantage points find it failing than " +
    "healthy.",
  "operator-request": "An operator asked for it.",
  "lease-lapsed": "A switch was begun and its run is gone; its recorded plan is taken over.",
  approved: "An operator approved what was asked.",
  // Votes that stand while there are too few of them.
  "vantage-failing": "A vantage point finds {source} failing.",
  "health-issue-open": "AWS Health reports an open issue in {source}.",
  "components-failing": "CloudWatch's metrics of {source} show a component failing.",
  "dns-moved": "Route 53 sends nobody to {source} although no lever of ours is pulled.",
  // Why nothing is done.
  "no-quorum": "Too few votes stand against {source}.",
  "no-outside-majority":
    "No more outside vantage points find {source} failing than find it healthy.",
  "already-active": "Nothing is to be done: {target} serves already.",
  "region-not-selectable":
    "Only an operator of an active-active pair can name the Region, and only one of the two.",
  "switch-in-progress": "Another run holds the lease of a switch.",
  "evidence-stale": "The evidence is more than 60 s old.",
  "automation-paused": "Automation is paused.",
  "target-failing": "An outside vantage point finds {target} failing.",
  "target-unvouched": "No outside vantage point vouches for {target}.",
  "target-not-ready":
    "The control table holds no fresh heartbeat of {target}, so it is not known to accept writes.",
  "target-health-issue": "AWS Health reports an open issue in {target}.",
  "source-not-healthy": "As seen from outside {source} is not healthy, so it can't be drained.",
  "replication-not-fresh": "Replication between the two Regions is not known to be fresh.",
  "coordination-not-fresh":
    "The control table's replication between the two Regions is not known to be fresh.",
  "switch-not-releasable":
    "The switch lever of {target} is pulled, and Route 53's API, which alone releases it, does " +
    "not answer.",
  "drain-not-releasable":
    "The drain lever of {target} can't be read, so it is not known to be releasable.",
  "nobody-vouched": "No vantage point vouches for either Region, so no lever may move.",
  "not-approved": "The question was answered with no.",
  "divergence-unknown": "What {target} wrote last is not compared with {source} yet.",
  aborted: "An operator asked to abort this run.",
  // Why people are asked.
  "loss-above-objective":
    "Acknowledged writes may be lost, a second more with each second that {source} writes on: " +
    "more than objectives.rpoSeconds allows.",
  "loss-unknown": "How many acknowledged writes may be lost is unknown.",
  cooldown: "The last automatic switch was too short a time ago.",
  "automation-asks": "Automation is set to ask for approval.",
  "target-not-stable":
    "Not from everywhere has {target} been healthy without interruption for long enough.",
  "divergence-unread":
    "The divergence report of the failover has not been acknowledged: switchback divergence.",
  "second-person-needed":
    "Whoever asked for this run can't approve it (approval.twoPerson): a second person must.",
  "failback-needs-approval": "A failback awaits an operator's approval.",
} as const;

export type ReasonCode = keyof typeof sentences;

export const reasonCodes: readonly ReasonCode[] = Object.keys(sentences).filter(isReasonCode);

export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(sentences, code);
}

/** What a sentence may name; `detail` follows in brackets. */
export type ReasonFacts = {
  readonly source?: Region;
  readonly target?: Region;
  readonly detail?: string;
};

export function reasonSentence(code: ReasonCode, facts: ReasonFacts = {}): string {
  const sentence = sentences[code]
    .replaceAll("{source}", facts.source ?? "the source")
    .replaceAll("{target}", facts.target ?? "the target");
  return facts.detail ? `${sentence.slice(0, -1)} (${facts.detail}).` : sentence;
}
