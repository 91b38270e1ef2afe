// A drawn disaster in a few lines for people: the world, the customers, what happens when.
import { formatDuration, parseDuration } from "../scenarios/duration.ts";
import type { Disaster, ScenarioFile } from "./draw.ts";
import type { StepFile } from "./draw-events.ts";
import type { Report } from "./orders.ts";

export function disasterInWords({ seed, world, scenario }: Disaster): string {
  const { clients, requestsPerSecond, writeShare } = scenario.traffic ?? {};
  const timeline = [...(scenario.timeline ?? [])].sort((a, b) => atOf(a) - atOf(b));
  const lines = timeline.map((step) => `    ${time(step.at).padStart(7)}  ${stepInWords(step)}`);
  return [
    `Run ${seed}: ${world}; ${clients} clients, ${requestsPerSecond} requests a second, ` +
      `${writeShare} of them writes; ${time(scenario.until)}`,
    ...lines,
  ].join("\n");
}

export function reportInWords(seed: number, { verdict, failures, ...report }: Report): string {
  const seconds = Math.round(report.wallMilliseconds / 100) / 10;
  return [`Run ${seed}: ${verdict}, ${seconds} s`, ...failures.map((why) => `    ${why}`)].join(
    "\n",
  );
}

/** `words`: further ones of the call, empty for the default. */
export const replayOf = (seed: number, words = "") =>
  `npm run simulate -- --runs 1 --seed ${seed}${words}`;

const atOf = ({ at }: StepFile) => parseDuration(at) ?? 0;
const time = (at: ScenarioFile["until"]) => formatDuration(parseDuration(at) ?? 0);

function stepInWords({ id, fault, heal, healthEvent, operator, crash }: StepFile): string {
  if (fault) return `${faultInWords(fault)} (${id})`;
  if (heal !== undefined) return `heal ${[heal].flat().join(", ")}`;
  if (operator) {
    const { command, mode, within } = operator;
    const how = within === undefined ? "" : ` within ${time(within)}`;
    return `operator: ${command}${mode === undefined ? "" : ` ${mode}`}${how}`;
  }
  if (crash) return `crash ${typeof crash === "string" ? crash : Object.values(crash).join(" ")}`;
  return healthEvent === undefined ? "nothing known" : `Health event ${eventInWords(healthEvent)}`;
}

function faultInWords({ kind, ...fault }: NonNullable<StepFile["fault"]>): string {
  const words = Object.entries(fault).map(([name, value]) => {
    if (name === "share") return value === 1 ? "" : `${Math.round(Number(value) * 100)} %`;
    if (name === "seconds") return formatDuration(Number(value));
    if (name === "oneWay") return value ? "one way" : "";
    if (name === "duplicates") return value === 0 ? "" : `${value} duplicates`;
    return String(value).replaceAll(",", " ");
  });
  return [kind, ...words].filter((word) => word !== "").join(" ");
}

function eventInWords(event: NonNullable<StepFile["healthEvent"]>): string {
  if (!("detail" in event)) return "";
  const { eventRegion, service, statusCode } = event.detail as Record<string, unknown>;
  return [eventRegion, service, statusCode].map(String).join(" ");
}
