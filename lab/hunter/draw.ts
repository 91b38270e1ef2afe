// A whole disaster from one number: a world, its customers, a safety phase in which things break
// and people act, and a liveness phase in which everything heals, questions are answered, and the
// system has to come to rest. It is a scenario like any other: it can be written, replayed, cut.
import type { z } from "zod";
import { mergedConfig } from "../../core/config/load.ts";
import type { scenarioSchema } from "../scenarios/schema.ts";
import { Dice } from "./dice.ts";
import type { Ill } from "./draw-acts.ts";
import { drawHealthEvents, type Places, type StepFile } from "./draw-events.ts";
import { drawFault, drawLikelihoods } from "./draw-fault.ts";
import { drawTheme } from "./draw-themes.ts";
import { readWorlds, stabilitySeconds, type World } from "./worlds.ts";

export type ScenarioFile = z.input<typeof scenarioSchema>;

export interface Disaster {
  readonly seed: number;
  readonly world: string;
  /** It goes on to its end even where all is at rest long before. */
  readonly patient: boolean;
  readonly scenario: ScenarioFile;
}

/** Shorter than this, nothing has the time to break and to come to rest. */
export const minutesMin = 30;
/** After people's last words: a switch that they agreed to, 15 minutes of rest, a look at it. */
const restSeconds = 17.5 * 60;
const lastAnswersSeconds = 90;
/** A failback on top: stability, the question, the switch itself. */
const failbackSeconds = stabilitySeconds + 240;

export interface Drawing {
  /** No run is longer, in virtual minutes. */
  readonly longest: number;
  /** The configuration that worlds are merged over. */
  readonly baseConfig: unknown;
  readonly worlds?: readonly World[];
}

export function drawDisaster(seed: number, drawing: Drawing): Disaster {
  const dice = new Dice(seed);
  const { name: world, config } = dice.pick(drawing.worlds ?? readWorlds());
  const places = placesOf(drawing.baseConfig, config);
  const until = 60 * dice.whole(minutesMin, Math.max(minutesMin, drawing.longest));
  const failsBack = dice.chance(0.6);
  const rest = restSeconds + lastAnswersSeconds + (failsBack ? failbackSeconds : 0);
  const heal = until - rest;
  const { steps, busy } = drawSafety(places, heal, dice);
  const scenario: ScenarioFile = {
    name: `simulated-${seed}`,
    description: `Disaster ${seed}, drawn for the world "${world}".`,
    config: { ...config },
    seed,
    traffic: drawTraffic(places, busy, dice),
    timeline: [...steps, ...liveness(heal, failsBack)],
    until,
  };
  return { seed, world, patient: dice.chance(0.25), scenario };
}

function placesOf(baseConfig: unknown, config: World["config"]): Places {
  const parsed = mergedConfig(baseConfig, config);
  if (!parsed.ok) throw new Error(`a world is refused: ${JSON.stringify(parsed.faults)}`);
  return parsed.config.regions;
}

function drawTraffic(
  places: Places,
  busy: number | undefined,
  dice: Dice,
): NonNullable<ScenarioFile["traffic"]> {
  return {
    clients: dice.whole(5, 12),
    requestsPerSecond: busy ?? dice.whole(3, 9) / 10,
    writeShare: busy ? 0.8 : dice.pick([0.4, 0.6, 0.8]),
    ignoresTtlShare: busy ? 0.5 : dice.pick([0, 0.1, 0.2]),
    regions: dice.pick([
      [places.primary],
      [places.primary, places.secondary],
      [places.secondary, places.witness],
    ]),
  };
}

function drawSafety(places: Places, heal: number, dice: Dice) {
  const likelihoods = drawLikelihoods(dice);
  const onset = dice.whole(20, Math.max(60, Math.floor(heal / 3)));
  const theme = drawTheme({ onset, heal }, dice);
  const ills = [...theme.ills];
  // What makes a theme is let work now and then.
  const least = ills.length + theme.steps.length > 0 ? 0 : 1;
  for (let left = dice.whole(least, 6); left > 0; left -= 1) {
    // Clocks are promised to be at most 90 s apart: one Region's are off, once.
    const isSkewed = ills.some(({ fault }) => fault.kind === "clock-skew");
    const others = likelihoods.filter(([kind]) => !isSkewed || kind !== "clock-skew");
    const kind = dice.weighted([...others, ["service", 0.01]] as const);
    // Most of what goes wrong goes wrong while a switch is under way.
    const near = within(onset + dice.whole(-20, 160), 5, heal - 10);
    const at = dice.chance(0.65) ? near : dice.whole(10, heal - 10);
    ills.push({ at, until: drawUntil(at, dice), fault: drawFault(kind, dice) });
  }
  const steps = [
    ...illSteps(ills, heal),
    ...theme.steps,
    ...(dice.chance(0.35) ? drawCrashes(onset, heal, dice) : []),
    ...(dice.chance(0.35) ? drawHealthEvents(places, 10, heal - 10, dice) : []),
    ...drawPeople(onset, heal, dice),
  ];
  return { steps, busy: theme.busy };
}

const within = (at: number, low: number, high: number) => Math.max(low, Math.min(high, at));

function drawUntil(at: number, dice: Dice): number | null {
  const lasts = dice.weighted([
    [5, 3],
    [40, 3],
    [180, 2],
    [0, 2],
  ]);
  return lasts === 0 ? null : at + dice.whole(lasts, lasts * 4);
}

function illSteps(ills: readonly Ill[], heal: number): StepFile[] {
  return ills.flatMap(({ at, until, fault }, index): StepFile[] => {
    const id = `fault-${index + 1}`;
    const start: StepFile = { at, id, fault };
    return until === null || until >= heal
      ? [start]
      : [start, { at: Math.max(at, until), heal: id }];
  });
}

const stepFunctions = [
  "gather-evidence",
  "decide",
  "request-approval",
  "claim-epoch",
  "fence-source",
  "check-drain",
  "promote-target",
  "shift-traffic",
  "verify-shift",
  "record-outcome",
  "watch",
] as const;

/** Death half way: of the execution where it is, or of one of its steps after its side effects. */
function drawCrashes(onset: number, heal: number, dice: Dice): StepFile[] {
  return Array.from({ length: dice.whole(1, 3) }, () => {
    const at = within(onset + dice.whole(10, 200), 5, heal - 5);
    if (dice.chance(0.4)) return { at, crash: "region-switch" };
    const region = dice.weighted([
      ["secondary", 3],
      ["primary", 2],
    ]);
    return {
      at,
      crash: { function: dice.pick(stepFunctions), region, invocation: dice.whole(1, 2) },
    };
  });
}

/** What people do in the midst of it. Whoever answers waits for a question. */
function drawPeople(onset: number, heal: number, dice: Dice): StepFile[] {
  const steps: StepFile[] = [];
  const say = (at: number, operator: NonNullable<StepFile["operator"]>) =>
    steps.push({ at: within(at, 5, heal - 5), operator });
  if (dice.chance(0.6)) {
    const command = dice.chance(0.75) ? "approve" : "reject";
    const at = within(onset + dice.whole(20, 120), 5, heal - 60);
    say(at, { command, within: Math.min(180, heal - at), by: "grace@example.com" });
  }
  if (dice.chance(0.15)) {
    const at = dice.whole(5, heal - 60);
    say(at, { command: "pause", by: "ada@example.com" });
    say(at + dice.whole(10, 300), { command: "resume", by: "ada@example.com" });
  }
  if (dice.chance(0.12)) {
    say(onset + dice.whole(15, 150), { command: "abort", by: "grace@example.com" });
  }
  if (dice.chance(0.3)) {
    const mode = dice.chance(0.4) ? "forced" : "planned";
    const command = dice.chance(0.6) ? "failover" : "failback";
    say(onset + dice.whole(0, 240), { command, mode, by: "ada@example.com" });
  }
  return steps;
}

/** Everything heals; people answer what was asked, resume what was paused, and go home. */
function liveness(heal: number, failsBack: boolean): StepFile[] {
  const by = "grace@example.com";
  const steps: StepFile[] = [
    { at: heal, heal: "all" },
    { at: heal + 5, operator: { command: "resume", by } },
    { at: heal + 10, operator: { command: "approve", within: 30, by } },
    { at: heal + lastAnswersSeconds - 30, operator: { command: "approve", within: 30, by } },
  ];
  if (!failsBack) return steps;
  const at = heal + lastAnswersSeconds + stabilitySeconds;
  return [
    ...steps,
    { at, operator: { command: "failback", by: "ada@example.com" } },
    { at: at + 15, operator: { command: "approve", within: 100, by } },
  ];
}
