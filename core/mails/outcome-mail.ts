// The mail that tells what a run came to: the sentence, the reasons, the numbers, and what to do
// now. Numbers that the run never got to are left out, never said as 0.
import type { Config } from "../config/schema.ts";
import type { Decision, RunOutcome } from "../contracts/steps.ts";
import { lossInWords } from "../loss-bound.ts";
import { groupOf } from "../names.ts";
import { instant, type Mail, runName, section, subjectOf, verbatim, wrapped } from "./mail.ts";

export interface Ended {
  readonly outcome: RunOutcome;
  readonly decision: Decision | null;
  readonly executionArn: string;
}

export function outcomeMail(config: Config, ended: Ended): Mail {
  const { outcome, decision, executionArn } = ended;
  const { plan } = outcome;
  const move = plan === null ? "run" : `${plan.direction} from ${plan.source} to ${plan.target}`;
  return {
    subject: subjectOf(`${groupOf(config)}: ${outcome.outcome}: ${move}`),
    lines: [
      ...wrapped(outcome.sentence),
      ...section("Reasons", decision?.sentences ?? []),
      ...section("When", times(outcome)),
      ...section("Numbers", numbers(outcome, decision)),
      ...nextLines(outcome, executionArn),
      ...verbatim("Run", [executionArn]),
    ],
  };
}

function times(outcome: RunOutcome): string[] {
  const { signalAt, decidedAt, claimedAt, shiftedAt, promotedAt, completedAt } = outcome;
  const said: [string, number | null][] = [
    ["signal", signalAt],
    ["decided", decidedAt],
    ["claimed", claimedAt],
    ["traffic moved", shiftedAt],
    ["target writes", promotedAt],
    ["ended", completedAt],
  ];
  return said
    .flatMap(([what, at]) => (at === null ? [] : [{ what, at }]))
    .sort((a, b) => a.at - b.at)
    .map(({ what, at }) => `${what}: ${instant(at)}`);
}

function numbers(outcome: RunOutcome, decision: Decision | null): string[] {
  const { claimedAt, lossBoundSeconds: seconds, writePauseSeconds, levers } = outcome;
  if (claimedAt === null) return [];
  const bound = decision?.lossBound;
  const estimatedWrites = bound?.seconds === seconds ? (bound?.estimatedWrites ?? null) : null;
  const facts = { seconds, estimatedWrites, stopBound: null, newestAtTarget: null };
  const lost =
    seconds === 0 ? "no acknowledged write is lost" : `${lossInWords(facts)} may be lost`;
  const pause = writePauseSeconds === null ? [] : [Math.round(writePauseSeconds)];
  return [
    lost,
    ...pause.map((seconds) => `nobody wrote for ${seconds} s`),
    `levers: switch ${levers.switch}, drain ${levers.drain}`,
  ];
}

/** A switch is latched, a hold is looked at again by itself, a failure is taken over. */
function nextLines({ outcome, plan }: RunOutcome, executionArn: string): string[] {
  const command = (words: string) => `npm run switchback -- ${words}`;
  const show = command(`show ${runName(executionArn)}`);
  const back = plan?.direction === "failover" ? [command("failback --dry-run")] : [];
  switch (outcome) {
    case "switched":
      return [
        ...section(
          "Now",
          back.length === 0 ? [] : [`${plan?.target} serves until an operator fails back`],
        ),
        ...verbatim("Look with", [command("status"), show, ...back]),
      ];
    case "held":
      return [
        ...section("Now", [
          "it is decided again every minute while a vote stands: removing what blocks it is enough",
          "what a forced switch would go past, without doing it: the last line below",
        ]),
        ...verbatim("Look with", [
          command("status"),
          show,
          command(`${plan?.direction ?? "failover"} --mode forced --dry-run`),
        ]),
      ];
    case "failed":
      return [
        ...section("Now", [
          "the next run takes over, in some minutes at most; start none beside it",
        ]),
        ...verbatim("Look with", [command("status --watch"), show]),
      ];
    case "undone":
    case "not-approved":
    case "superseded":
    case "dry-run":
      return verbatim("Look with", [command("status"), show]);
  }
}
