// How a Region fails for good: all of it, one service that it lives on, its API, its orders alone,
// or its links to the other two; for a while, to the end, or twice with a breath between.
import type { Dice } from "./dice.ts";
import type { FaultFile } from "./draw-fault.ts";

/** Seconds since 0s; `until` null: it stands until everything heals. */
export interface Ill {
  readonly at: number;
  readonly until: number | null;
  readonly fault: FaultFile;
}

type Serving = "primary" | "secondary";

const makings: readonly (readonly [(region: Serving, dice: Dice) => FaultFile[], number])[] = [
  [(region) => [{ kind: "region-down", region }], 5],
  [(region, dice) => [{ kind: "endpoint", region, path: "/orders", ...gray(dice) }], 4],
  [
    (region, dice) => [
      {
        kind: "service",
        region,
        service: dice.pick(["dynamodb", "lambda", "apigateway"] as const),
        mode: dice.pick(["unreachable", "error", "throttle", "no-dns"] as const),
      },
    ],
    4,
  ],
  [
    (region, dice) => [
      { kind: dice.pick(["delete-stage", "delete-base-path-mapping"] as const), region },
    ],
    1,
  ],
  [
    (region) => [
      { kind: "partition", between: [region, region === "primary" ? "secondary" : "primary"] },
      { kind: "partition", between: [region, "witness"] },
    ],
    2,
  ],
];

function gray(dice: Dice) {
  const mode = dice.pick(["error", "slow", "wrong-body"] as const);
  const share = dice.pick([1, 1, 0.9]);
  return mode === "slow" ? { mode, share, seconds: dice.whole(6, 25) } : { mode, share };
}

export function drawAct(region: Serving, at: number, end: number, dice: Dice): Ill[] {
  const faults = dice.weighted(makings)(region, dice);
  const lasts = () => at + dice.whole(90, 420);
  const until = dice.chance(0.5) ? null : lasts();
  const ills = faults.map((fault) => ({ at, until, fault }));
  if (until === null || !dice.chance(0.4)) return ills;
  const again = until + dice.whole(10, 120);
  if (again + 60 > end) return ills;
  return [...ills, ...faults.map((fault) => ({ at: again, until: null, fault }))];
}
