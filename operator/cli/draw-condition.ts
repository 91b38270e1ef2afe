// The part of the status that an operator weighs before a switch, on a screen.
import type { Paint } from "../desk.ts";
import type { WholeStatus } from "../outlook.ts";
import { ago } from "./words.ts";

const reasonColumns = 70;

export function conditionLines(status: WholeStatus, paint: Paint): string[] {
  return [
    ...replication(status, paint),
    ...alarms(status, paint),
    ...health(status, paint),
    ...outlook(status, paint),
    ...status.unknown.map((words) => paint.warn(`unknown     ${words}`)),
  ];
}

function replication(status: WholeStatus, paint: Paint): string[] {
  return Object.entries(status.replication).map(([source, one]) => {
    const { to, lagSeconds, lossBoundSeconds } = one;
    const lag = lagSeconds === null ? paint.warn("unknown") : `${Math.round(lagSeconds)} s behind`;
    const loss =
      lossBoundSeconds === null
        ? paint.warn("what a switch now could lose is unknown")
        : `a switch now loses at most ${Math.ceil(lossBoundSeconds)} s of writes`;
    return `replication ${source} to ${to}: ${lag}; ${loss}`;
  });
}

function alarms({ alarms, at }: WholeStatus, paint: Paint): string[] {
  return alarms.map(({ region, name, reason, since }) => {
    const when = since === null ? "" : `, ${ago(at, since)}`;
    return paint.warn(`alarm       ${name} in ${region}${when}: ${reason.slice(0, reasonColumns)}`);
  });
}

function health({ health, at }: WholeStatus, paint: Paint): string[] {
  return (health ?? [])
    .filter(({ counts }) => counts)
    .map(({ service, region, eventTypeCode, updatedAt }) =>
      paint.bad(`AWS Health  ${service} in ${region}: ${eventTypeCode}, ${ago(at, updatedAt)}`),
    );
}

function outlook({ outlook }: WholeStatus, paint: Paint): string[] {
  if (outlook === null) return [paint.warn("blocked     unknown: what could block is not known")];
  return outlook.flatMap(({ direction, source, target, kind, blockers }) => {
    const done = blockers.find(({ code }) => code === "already-active");
    const head = `${direction.padEnd(11)} from ${source} to ${target}: `;
    if (done !== undefined) return [`${head}nothing to do`];
    if (kind === "go") return [`${head}${paint.good("nothing blocks it")}`];
    const word = kind === "ask" ? paint.warn("asks") : paint.bad("blocked");
    const why = blockers.map(({ sentence }) => `            ${sentence}`);
    return [`${head}${word}`, ...why];
  });
}
