// The mail that asks: the facts first, then what an answer does, then the line to copy. What it
// says is what the decision says, so that people agree to exactly that.
import type { Config } from "../config/schema.ts";
import type { Evidence } from "../contracts/evidence.ts";
import type { Approval } from "../contracts/records.ts";
import type { Plan } from "../contracts/routing-state.ts";
import type { Decision, SwitchRequest } from "../contracts/steps.ts";
import { lossInWords } from "../loss-bound.ts";
import { policyName } from "../names.ts";
import { askerOf } from "../people.ts";
import { leavesSource } from "../plan-for.ts";
import { stepsInWords, transitions } from "../transitions.ts";
import { hasWriter } from "../writer.ts";
import { seenWords, unknownWords } from "./evidence-words.ts";
import { instant, type Mail, section, shellWord, subjectOf, verbatim, wrapped } from "./mail.ts";

export interface Question {
  readonly approval: Approval;
  readonly decision: Decision;
  readonly plan: Plan;
  readonly evidence: Evidence;
  readonly request: SwitchRequest;
}

export function questionMail(config: Config, question: Question): Mail {
  const { approval, decision, plan, evidence, request } = question;
  const { askedAt, blockedBy, executionArn } = approval;
  const move = `${plan.direction} from ${plan.source} to ${plan.target}`;
  const why = request.reason === undefined ? "" : ` (${request.reason})`;
  const unknown = unknownWords(config, evidence, plan.source, decision.lossBound);
  return {
    subject: subjectOf(`${approval.group}: approve a ${move}`),
    lines: [
      ...wrapped(
        `A run of region-switch waits for an answer: ${plan.mode} ${move}, ` +
          `epoch ${approval.epoch}, requested by ${request.requestedBy}${why}.`,
      ),
      ...section("Decision and reasons", decision.sentences),
      ...section("Seen", seenWords(config, evidence, askedAt)),
      ...section("Not known", unknown.length === 0 ? ["nothing of what was asked for"] : unknown),
      ...section("May be lost", [lossWords(config, question)]),
      ...section("Approving", [
        `waives exactly this: ${blockedBy.join(", ")}`,
        stepsInWords(transitions(config, plan, evidence.routing, evidence.levers)),
        ...(approval.divergence ?? []).map((words) => `acknowledges that this was read: ${words}`),
      ]),
      ...answerLines(config, question),
      ...verbatim("Run", [executionArn]),
    ],
  };
}

function answerLines(config: Config, { approval, request }: Question): string[] {
  const minutes = Math.round((approval.expiresAt - approval.askedAt) / 60_000);
  const id = shellWord(approval.id);
  const asker = config.approval.twoPerson ? askerOf(request) : null;
  const second = asker === null ? "" : `, other than ${asker}`;
  return [
    ...verbatim("Answer with one of", [
      `npm run switchback -- approve ${id} --reason "WHY"`,
      `npm run switchback -- reject ${id} --reason "WHY"`,
    ]),
    ...section("When and who", [
      `until ${instant(approval.expiresAt)}, ${minutes} minutes from the question; ` +
        "no answer means no",
      `whoever has the policy ${policyName(config, "approver")}${second}`,
      "an answer is refused once reasons, bound or epoch have changed",
    ]),
  ];
}

function lossWords(config: Config, { plan, decision }: Question): string {
  if (plan.mode !== "planned" && leavesSource(plan)) return lossInWords(decision.lossBound);
  return hasWriter(config)
    ? "nothing: the source is drained first, until every acknowledged write is in the target"
    : "nothing: both Regions go on accepting writes, and of two to one item the last one stays";
}
