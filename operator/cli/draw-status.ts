// The status on a screen: who serves in the first line, then what stands in the way of trusting it.
import Table from "cli-table3";
import { nameOfArn } from "../aws/executions.ts";
import type { Paint, Target } from "../desk.ts";
import type { WholeStatus } from "../outlook.ts";
import type { Status } from "../status.ts";
import { conditionLines } from "./draw-condition.ts";
import { ago, instant, marked } from "./words.ts";

export function statusLines(status: WholeStatus, target: Target, paint: Paint): string[] {
  return [
    `${paint.bold(status.application)} in ${target.words}, ${instant(status.at)}`,
    "",
    ...headline(status, paint),
    ...automation(status, paint),
    "",
    seen(status, paint),
    ...levers(status, paint),
    ...conditionLines(status, paint),
    ...waiting(status, paint),
    ...unread(status, paint),
    ...silent(status, paint),
  ];
}

function headline(status: Status, paint: Paint): string[] {
  if (status.active === null) {
    return [paint.warn("There is no routing state yet: who serves is unknown.")];
  }
  const { phase, plan, lease } = status;
  const serving = status.serving.join(" and ");
  const writer = status.writes === "any-region" ? "both" : (status.writer ?? "nobody");
  const lines = [
    `serving     ${paint.bold(serving)}   writer ${writer}   epoch ${status.epoch}`,
    `phase       ${phase === "steady" ? paint.good("steady") : paint.warn("switching")}`,
  ];
  if (plan !== null) {
    lines.push(`plan        ${plan.mode} ${plan.direction} from ${plan.source} to ${plan.target}`);
  }
  if (lease !== null) {
    const left = Math.round((lease.until - status.at) / 1000);
    const until = left > 0 ? `${left} s more` : paint.bad("lapsed: the next run takes over");
    lines.push(`lease       ${lease.executionArn} (${until})`);
  }
  if (status.latched) lines.push(`latch       ${paint.warn("held until an operator fails back")}`);
  return lines;
}

function automation({ automation, automationChange: change, at }: Status, paint: Paint): string[] {
  if (automation === null) return [];
  const word = automation === "armed" ? paint.good(automation) : paint.warn(automation);
  if (change === null) return [`automation  ${word}`];
  const why = change.reason === "" ? "" : `: ${change.reason}`;
  const lines = [`automation  ${word}, by ${change.by}, ${ago(at, change.at)}${why}`];
  if (change.until === undefined) return lines;
  return [...lines, `            until ${instant(change.until)}, then ${change.afterwards}`];
}

function seen({ vantagePoints, at }: Status, paint: Paint): string {
  const serving = vantagePoints[0]?.sees.map((one) => one.serving) ?? [];
  const table = new Table({
    head: ["seen from", ...serving],
    style: { head: [], border: [] },
  });
  for (const { vantage, sees } of vantagePoints) {
    const cells = sees.map(({ verdict, since, detail }) => {
      const for_ = since === null ? "" : ` for ${ago(at, since).replace(" ago", "")}`;
      const why = detail === "" ? "" : `\n${paint.dim(detail.slice(0, 60))}`;
      return `${marked(verdict, paint)}${for_}${why}`;
    });
    table.push([vantage, ...cells]);
  }
  return table.toString();
}

function levers(status: Status, paint: Paint): string[] {
  return Object.entries(status.levers).flatMap(([region, { desired, standing }]) =>
    (["switch", "drain"] as const).map((lever) => {
      const stands = standing[lever];
      const wanted = desired?.[lever] ?? "unknown";
      const words = `lever       ${lever} of ${region}: `;
      if (stands === wanted) return `${words}${stands}`;
      return `${words}${paint.warn(`${stands}, desired ${wanted}`)}`;
    }),
  );
}

function waiting({ approvals, runs, aborts, at }: Status, paint: Paint): string[] {
  const questions = approvals.flatMap(({ id, direction, source, target, expiresAt, ...asked }) => [
    paint.warn(`approval    ${direction} from ${source} to ${target} waits for an answer`),
    ...asked.sentences.map((sentence) => `            ${sentence}`),
    ...(asked.secondPersonNeeded
      ? [`            ${asked.requestedBy} asked for it: somebody else must approve`]
      : []),
    `            ${Math.max(0, Math.round((expiresAt - at) / 1000))} s left: switchback approve ${id}`,
  ]);
  const running = runs.flatMap(({ region, executions }) =>
    executions === null
      ? [paint.warn(`runs        unknown in ${region}`)]
      : executions.map((arn) => `running     ${arn}`),
  );
  const wishes = aborts?.map(({ execution, by, reason, at: askedAt }) => {
    const why = reason === "" ? "" : `: ${reason}`;
    return paint.warn(
      `abort       ${by} asked ${nameOfArn(execution)} to stop, ${ago(at, askedAt)}${why}`,
    );
  });
  const unknown = paint.warn("abort       unknown: whether somebody asked a run to stop");
  return [...questions, ...running, ...(wishes ?? [unknown])];
}

function unread({ divergence }: Status, paint: Paint): string[] {
  if (divergence === null)
    return [paint.warn("divergence  unknown: its reports could not be read")];
  return divergence.map(({ epoch, source, target, words }) =>
    paint.warn(`divergence  epoch ${epoch}, from ${source} to ${target}: ${words}`),
  );
}

function silent({ regions }: Status, paint: Paint): string[] {
  return regions.flatMap(({ region, answered, why }) =>
    answered ? [] : [paint.bad(`unknown     ${region}: ${why}`)],
  );
}
