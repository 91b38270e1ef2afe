// One open question per group; a rejected one is asked again only when its reasons change or its
// time is over. What people read is what the decision says, so that they agree to exactly that.
import type { z } from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import type { DivergenceSummary } from "../../core/contracts/divergence.ts";
import { type Approval, abortInWords } from "../../core/contracts/records.ts";
import type { Plan } from "../../core/contracts/routing-state.ts";
import type { stepInputs } from "../../core/contracts/steps.ts";
import { divergenceInWords } from "../../core/divergence.ts";
import { ApprovalNotAsked, InvariantViolated } from "../../core/errors.ts";
import type { Mail } from "../../core/mails/mail.ts";
import { questionMail } from "../../core/mails/question-mail.ts";
import { groupOf } from "../../core/names.ts";
import { askerOf } from "../../core/people.ts";
import type { Approvals } from "../adapters/approvals.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { Ledger } from "../adapters/ledger.ts";
import type { Notifications } from "../adapters/notifications.ts";
import { faultWords } from "../faults.ts";
import type { Log } from "../log.ts";

export interface ApprovalPorts {
  readonly control: Pick<ControlTable, "findAbort">;
  readonly approvals: Approvals;
  readonly ledger: Ledger;
  readonly notifications: Notifications;
  readonly log: Log;
  now(): number;
}

export type ApprovalInput = z.output<(typeof stepInputs)["request-approval"]>;

/** Throws ApprovalNotAsked. */
export async function requestApproval(
  ports: ApprovalPorts,
  here: { config: Config; region: Region },
  input: ApprovalInput,
): Promise<{ id: string }> {
  const { executionArn } = input.run;
  const approval = approvalOf(here, input, ports.now());
  const wish = await ports.control.findAbort(executionArn);
  if (wish !== null) throw new ApprovalNotAsked(abortInWords(wish));
  const earlier = await ports.approvals.list();
  refuseIfOpen(earlier, approval);
  // An operator who asks again has changed their mind; automation would only nag.
  if (input.request.mode === "automatic") refuseIfRejectedLately(earlier, approval, here.config);
  const { subject, lines } = mailOf(here.config, input, approval);
  await ports.ledger.append({
    execution: executionArn,
    epoch: approval.epoch,
    kind: "approval-asked",
    sentence: `${subject}.`,
    detail: { id: approval.id, because: approval.because, blockedBy: approval.blockedBy },
  });
  if (!(await ports.approvals.ask(approval))) {
    throw anotherIsOpen(approval);
  }
  // The question stands in the control table: a lost message must not withdraw it.
  await ports.notifications.send(executionArn, { subject, lines }).catch((fault: unknown) => {
    ports.log.error(`Nobody was told of question ${approval.id}: ${faultWords(fault)}`);
  });
  return { id: approval.id };
}

function approvalOf(
  { config, region }: { config: Config; region: Region },
  { run, request, decision, question, taskToken }: ApprovalInput,
  now: number,
): Approval {
  const plan = planOf(decision);
  const name = run.executionArn.split(":").at(-1);
  const asker = askerOf(request);
  return {
    id: `${run.startedAt}/${name}#${question}`,
    group: groupOf(config),
    status: "pending",
    taskToken,
    region,
    executionArn: run.executionArn,
    ...(asker === null ? {} : { requestedBy: asker }),
    epoch: decision.epoch,
    direction: plan.direction,
    source: plan.source,
    because: decision.because,
    blockedBy: decision.blockedBy,
    lossBoundSeconds: decision.lossBound.seconds,
    estimatedWrites: decision.lossBound.estimatedWrites,
    divergence: decision.divergence.map(reportWords),
    divergenceHash: decision.divergenceHash,
    askedAt: now,
    expiresAt: now + config.policy.approvalTimeoutSeconds * 1_000,
    answeredAt: null,
    answeredBy: null,
  };
}

const reportWords = (report: DivergenceSummary) =>
  `divergence of epoch ${report.epoch}, ${report.source} against ${report.target}: ` +
  divergenceInWords(report);

/** What nobody will be asked must not be announced. Two runs that ask at the same moment are told
 * apart by the condition of the write. A repetition of this question is none. */
function refuseIfOpen(earlier: readonly Approval[], asked: Approval): void {
  const open = earlier.some(
    (each) => each.id !== asked.id && each.status === "pending" && each.expiresAt > asked.askedAt,
  );
  if (open) throw anotherIsOpen(asked);
}

function anotherIsOpen({ group }: Approval): ApprovalNotAsked {
  return new ApprovalNotAsked(`Another question of ${group} is open.`);
}

function refuseIfRejectedLately(
  earlier: readonly Approval[],
  asked: Approval,
  config: Config,
): void {
  const since = asked.askedAt - config.policy.approvalTimeoutSeconds * 1_000;
  const same = earlier.find(
    (each) =>
      each.status === "rejected" &&
      (each.answeredAt ?? 0) > since &&
      each.direction === asked.direction &&
      each.source === asked.source &&
      isSameSet(each.because, asked.because) &&
      isSameSet(each.blockedBy, asked.blockedBy),
  );
  if (same === undefined) return;
  throw new ApprovalNotAsked(`${same.id} was rejected for the same reasons a short time ago.`);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join() === [...new Set(b)].sort().join();
}

function planOf({ plan }: ApprovalInput["decision"]): Plan {
  if (plan === null) throw new InvariantViolated("A question needs a plan to ask about.");
  return plan;
}

function mailOf(config: Config, input: ApprovalInput, approval: Approval): Mail {
  const { decision, evidence, request } = input;
  return questionMail(config, { approval, decision, plan: planOf(decision), evidence, request });
}
