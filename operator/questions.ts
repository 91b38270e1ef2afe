// Pending approvals as people see them. The hash covers everything that an answer agrees to, so
// that what has changed since it was shown is another question.
import { createHash } from "node:crypto";
import type { Config } from "../core/config/schema.ts";
import { canonical } from "../core/contracts/ledger.ts";
import type { Approval } from "../core/contracts/records.ts";
import { lossInWords } from "../core/loss-bound.ts";
import { peerOf } from "../core/names.ts";
import { isReasonCode, reasonSentence } from "../core/reasons.ts";

export function questionHash(question: Approval): string {
  const { status: _s, answeredAt: _a, answeredBy: _b, askedAt: _c, ...asked } = question;
  return createHash("sha256").update(canonical(asked)).digest("hex");
}

/** Without the task token: whoever holds it may answer. */
export function questionJson(config: Config, question: Approval) {
  const { taskToken: _token, status: _status, answeredAt: _a, answeredBy: _b, ...shown } = question;
  const target = peerOf(config, question.source);
  const secondPersonNeeded = needsSecond(config, question);
  return {
    ...shown,
    target,
    secondPersonNeeded,
    hash: questionHash(question),
    sentences: reasons(config, question),
  };
}

/** Somebody asked for the run, and must not approve it. */
const needsSecond = ({ approval }: Config, { requestedBy }: Approval) =>
  approval.twoPerson && requestedBy !== undefined;

export function reasons(config: Config, { source, because, blockedBy }: Approval): string[] {
  const facts = { source, target: peerOf(config, source) };
  return [...new Set([...because, ...blockedBy])].map((code) =>
    isReasonCode(code) ? reasonSentence(code, facts) : code,
  );
}

export function questionLines(config: Config, question: Approval, now: number): string[] {
  const { source, direction, lossBoundSeconds: seconds } = question;
  const left = Math.max(0, Math.round((question.expiresAt - now) / 1000));
  const loss = lossInWords({
    seconds,
    estimatedWrites: question.estimatedWrites ?? null,
    stopBound: null,
    newestAtTarget: null,
  });
  return [
    `${direction} from ${source} to ${peerOf(config, source)}, epoch ${question.epoch}`,
    `  id      ${question.id}`,
    `  hash    ${questionHash(question).slice(0, 12)}`,
    ...reasons(config, question).map((sentence) => `  why     ${sentence}`),
    `  bound   ${loss}; a planned switch that drains loses none`,
    ...(question.divergence ?? []).map((words) => `  read    approving acknowledges ${words}`),
    ...(needsSecond(config, question)
      ? [`  second  ${question.requestedBy} asked for it: somebody else must approve`]
      : []),
    `  expires in ${left} s; no answer means no`,
  ];
}
