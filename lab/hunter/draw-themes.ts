// What a disaster is about: a story that makes a switch likely, and puts its worst moment where the
// smaller faults around it can spoil it. Each theme is a way in which failover controllers are
// known to break: two who act at once, a holder that is gone, an old read, a target that is sick.

import type { Dice } from "./dice.ts";
import { drawAct, type Ill } from "./draw-acts.ts";
import type { StepFile } from "./draw-events.ts";

export interface Theme {
  readonly ills: Ill[];
  readonly steps: StepFile[];
  /** Requests a second of customers who mostly write, many of whom never leave the Region that they
   * know. */
  readonly busy?: number;
}

/** Seconds since 0s: when it begins, and when everything heals. */
interface Span {
  readonly onset: number;
  readonly heal: number;
}
type Serving = "primary" | "secondary";
type Draw = (span: Span, dice: Dice) => Theme;

const by = "ada@example.com";
const peer = (region: Serving): Serving => (region === "primary" ? "secondary" : "primary");
const drawRegion = (dice: Dice): Serving =>
  dice.weighted([
    ["primary", 3],
    ["secondary", 1],
  ]);

const outage: Draw = ({ onset, heal }, dice) => ({
  ills: drawAct(drawRegion(dice), onset, heal, dice),
  steps: [],
});

/** One Region fails, and then the other. */
const double: Draw = ({ onset, heal }, dice) => {
  const first = drawRegion(dice);
  const second = Math.min(heal - 30, onset + dice.whole(30, 300));
  const ills = [...drawAct(first, onset, heal, dice), ...drawAct(peer(first), second, heal, dice)];
  return { ills, steps: [] };
};

/** Where clients are to go, some requests fail: no Region to move to, and hard to see. */
const sickTarget: Draw = ({ onset, heal }, dice) => {
  const first = drawRegion(dice);
  const fault = {
    kind: "endpoint",
    region: peer(first),
    mode: dice.pick(["error", "slow", "wrong-body"] as const),
    share: dice.pick([0.3, 0.5, 0.7]),
    seconds: dice.whole(4, 12),
  } as const;
  const at = Math.max(5, onset + dice.whole(-60, 30));
  const until = dice.chance(0.5) ? null : onset + dice.whole(60, 300);
  return { ills: [...drawAct(first, onset, heal, dice), { at, until, fault }], steps: [] };
};

/** Two or three people, perhaps an alarm too, at the same second; a slow table, most often where a
 * failover's claims are made, widens the race. */
const crowd: Draw = ({ onset, heal }, dice) => {
  const drawMode = () => (dice.chance(0.5) ? "planned" : "forced");
  // Who wants it in another way claims it at another moment.
  const alike = dice.chance(0.7) ? drawMode() : null;
  const steps = Array.from({ length: dice.whole(2, 3) }, (): StepFile => {
    const mode = alike ?? drawMode();
    const command = dice.chance(0.8) ? "failover" : "failback";
    return { at: onset, operator: { command, mode, by } };
  });
  const slow: Ill = {
    at: Math.max(5, onset - 5),
    until: onset + dice.whole(60, 150),
    fault: {
      kind: "service",
      region: dice.pick(["primary", "secondary", "secondary"] as const),
      service: dice.pick(["dynamodb", "dynamodb", "dynamodb", "lambda"] as const),
      mode: "slow",
      share: dice.pick([0.6, 1]),
      seconds: dice.pick([1, 2]),
    },
  };
  const alarm = dice.chance(0.4) ? drawAct("primary", Math.max(5, onset - 45), heal, dice) : [];
  return { ills: [slow, ...alarm], steps };
};

/** The one who switches is gone half way, with its Region or without, and may come back. */
const lostHolder: Draw = ({ onset, heal }, dice) => {
  const first = drawRegion(dice);
  const planned = dice.chance(0.4);
  const begins = planned ? onset : onset + 40;
  const start: StepFile[] = planned
    ? [{ at: onset, operator: { command: "failover", mode: "planned", by } }]
    : [];
  const dies = begins + dice.whole(8, 60);
  const gone: Ill = {
    at: dies,
    until: dies + dice.whole(20, 260),
    fault: { kind: "region-down", region: planned ? "secondary" : peer(first) },
  };
  const crash: StepFile = { at: Math.min(dies, heal - 5), crash: "region-switch" };
  const act = planned ? [] : drawAct(first, onset, heal, dice);
  return dice.chance(0.5)
    ? { ills: [...act, gone], steps: start }
    : { ills: act, steps: [...start, crash] };
};

/** The health endpoint alone fails: DNS moves most customers by itself, while others stay and
 * write where they always did. */
const halfMoved: Draw = ({ onset, heal }, dice) => {
  const region = drawRegion(dice);
  const until = dice.chance(0.5) ? null : onset + dice.whole(90, 300);
  const fault = { kind: "endpoint", region, mode: "error", path: "/health" } as const;
  const command = region === "primary" ? "failover" : "failback";
  const steps: StepFile[] = dice.chance(0.4)
    ? [
        {
          at: Math.min(heal - 5, onset + dice.whole(40, 90)),
          operator: { command, mode: "forced", by },
        },
      ]
    : [];
  return { ills: [{ at: onset, until, fault }], steps, busy: dice.whole(20, 40) / 10 };
};

/** A switch amid many writes that take long: each occupies a container, and each container has a
 * reading of its own of whether it may write. */
const rush: Draw = ({ onset, heal }, dice) => {
  const slow: Ill = {
    at: Math.max(5, onset - 15),
    until: onset + dice.whole(30, 90),
    fault: {
      kind: "endpoint",
      region: "primary",
      mode: "slow",
      path: "/orders",
      share: dice.pick([0.3, 0.6, 1]),
      seconds: dice.whole(1, 4),
    },
  };
  const mode = dice.chance(0.6) ? "forced" : "planned";
  const steps: StepFile[] = [{ at: onset, operator: { command: "failover", mode, by } }];
  const gone = dice.chance(0.3) ? drawAct("primary", onset, heal, dice) : [];
  return { ills: [slow, ...gone], steps, busy: dice.whole(30, 50) / 10 };
};

/** Route 53's API fails during a switch, so that a lever follows later: into the next switch. */
const lateLever: Draw = ({ onset, heal }, dice) => {
  const healed = onset + dice.whole(60, 240);
  const fault = {
    kind: "route53-control-plane",
    mode: dice.pick(["unreachable", "error", "throttle", "slow"] as const),
    seconds: dice.whole(3, 20),
  } as const;
  const again: StepFile = {
    at: Math.min(heal - 5, healed + dice.whole(-40, 90)),
    operator: { command: "failback", mode: dice.pick(["planned", "forced"] as const), by },
  };
  const ills = [{ at: Math.max(5, onset - 20), until: healed, fault }];
  return dice.chance(0.5)
    ? { ills: [...ills, ...drawAct("primary", onset, healed, dice)], steps: [again] }
    : { ills, steps: [{ at: onset, operator: { command: "failover", by } }, again] };
};

/** People move the application there and back while those who set the levers again wait long for
 * each reading: what they know may be of the switch before. */
const staleReading: Draw = ({ onset, heal }, dice) => {
  const until = onset + dice.whole(200, 400);
  const slow = (fault: Ill["fault"]): Ill => ({ at: Math.max(5, onset - 70), until, fault });
  const ills = [
    slow({
      ...{ kind: "service", region: "witness", service: "cloudwatch", mode: "slow" },
      seconds: 4,
    }),
    slow({ kind: "route53-control-plane", mode: "slow", seconds: 2 }),
  ];
  const back = onset + dice.whole(50, 110);
  const again = back + dice.whole(50, 110);
  const say = (at: number, operator: NonNullable<StepFile["operator"]>): StepFile => ({
    at: Math.min(heal - 60, at),
    operator,
  });
  const answered = { command: "approve", within: 60, by: "grace@example.com" } as const;
  const steps = [
    say(onset, { command: "failover", mode: dice.pick(["planned", "forced"] as const), by }),
    say(onset + 1, answered),
    say(back, { command: "failback", mode: "forced", by }),
    say(back + 1, answered),
    say(again, { command: "failover", mode: "forced", by }),
    say(again + 1, answered),
  ];
  return { ills, steps };
};

/** Nothing in particular: whatever the smaller faults come to. */
const drizzle: Draw = () => ({ ills: [], steps: [] });

const themes: readonly (readonly [Draw, number])[] = [
  [outage, 4],
  [double, 2],
  [sickTarget, 2],
  [crowd, 3],
  [lostHolder, 3],
  [halfMoved, 4],
  [lateLever, 3],
  [rush, 3],
  [staleReading, 4],
  [drizzle, 1],
];

export const drawTheme = (span: Span, dice: Dice): Theme => dice.weighted(themes)(span, dice);
