// A run that was stopped and is redriven, as the runbook has it, by somebody with the operator
// policy: on the deployed machine, with customers, and with every invariant checked.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RedriveExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import type { LabEvent } from "../../lab/kernel.ts";
import type { RunningLab } from "../../lab/lab.ts";
import { people } from "../../lab/people.ts";
import { type DrillRun, runDrill } from "../../lab/run-drill.ts";
import { checkScenario, type LoadedScenario } from "../../lab/scenarios/load.ts";

const baseConfig: unknown = JSON.parse(
  readFileSync(join(projectRoot, "switchback.config.json"), "utf8"),
);
const scenario = (timeline: readonly object[], expected: object) =>
  checkScenario(
    {
      name: "redrive",
      description: "A switch whose execution is stopped and redriven.",
      traffic: { clients: 10, requestsPerSecond: 1 },
      ...{ timeline, until: "6m" },
      expect: { activeRegion: "secondary", failovers: 1, failbacks: 0, ...expected },
    },
    "redrive",
    baseConfig,
  );
const planned = scenario(
  [{ at: "20s", operator: { command: "failover", by: "alice@example.com" } }],
  { lostWrites: 0 },
);
const outage = scenario([{ at: "20s", fault: { kind: "region-down", region: "primary" } }], {});

let folder: string;
beforeAll(async () => {
  folder = await synthesize(planned.config, () => {});
}, 600_000);

const entered = z.object({ arn: z.string(), state: z.string() });
const endedWith = z.object({ arn: z.string(), status: z.string(), output: z.string().optional() });

/** What the test does beside the scenario, and what came of it. */
interface Hands {
  stop(arn: string): void;
  redrive(arn: string): void;
}

type Hear = (event: LabEvent, lab: RunningLab, hands: Hands) => void;

async function rehearse(loaded: LoadedScenario, hear: Hear) {
  const refused: unknown[] = [];
  let known: RunningLab | null = null;
  const onStart = (lab: RunningLab) => {
    known = lab;
    const { settings } = people(loaded.config, lab);
    const client = new SFNClient(settings({ role: "operator", name: "grace" }, "us-west-2"));
    const hands: Hands = {
      stop: (arn) => lab.states.executions.records.get(arn)?.execution.stop("Lab.Crash", null),
      redrive: (executionArn) => {
        client
          .send(new RedriveExecutionCommand({ executionArn }))
          .catch((fault: unknown) => refused.push(fault));
      },
    };
    lab.log.on((event) => hear(event, lab, hands));
  };
  const run = await runDrill(loaded, { seed: 1, folder, progress: { say: () => {} }, onStart });
  expect(refused).toEqual([]);
  const historyOf = (arn: string) =>
    known?.states.executions.records.get(arn)?.execution.history.map(({ type }) => type) ?? [];
  return { run, historyOf };
}

const endingsOf = ({ events }: DrillRun, arn: string) =>
  events
    .filter(({ kind }) => kind === "execution-ended")
    .map(({ detail }) => endedWith.parse(detail))
    .filter((ended) => ended.arn === arn)
    .map(({ status, output }) => {
      const said = z.object({ outcome: z.string() }).safeParse(JSON.parse(output ?? "null"));
      return `${status} ${said.data?.outcome ?? ""}`.trim();
    });

test("stopped in each step and redriven within its lease, a run makes its one switch", {
  timeout: 600_000,
}, async () => {
  const steps = ["ClaimEpoch", "WaitForGates", "DrainReplication", "PromoteTarget", "ShiftTraffic"];
  const left = [...steps, "VerifyShift", "RecordOutcome"];
  let switching = "";
  const { run, historyOf } = await rehearse(planned, ({ kind, detail }, { clock }, hands) => {
    const { arn, state } = entered.safeParse(detail).data ?? { arn: "", state: "" };
    if (kind !== "state-entered" || state !== left[0]) return;
    left.shift();
    switching = arn;
    // What the step began goes on without its execution, and the step is done once more.
    clock.after(5, () => hands.stop(arn));
    clock.after(20_000, () => hands.redrive(arn));
  });
  expect([left, run.result.failures]).toEqual([[], []]);
  expect(run.result.switches.map(({ executionArn }) => executionArn)).toEqual([switching]);
  expect(run.result).toMatchObject({ epoch: 2, clients: { lostWrites: 0 } });
  expect(endingsOf(run, switching)).toEqual([...Array(7).fill("ABORTED"), "SUCCEEDED switched"]);
  expect(historyOf(switching).filter((type) => type === "ExecutionRedriven")).toHaveLength(7);
});

test("redriven after another run has taken over, a run ends as superseded and moves nothing", {
  timeout: 600_000,
}, async () => {
  let stopped = "";
  let redrivenAt = Number.POSITIVE_INFINITY;
  const { run } = await rehearse(planned, ({ kind, detail }, { clock }, hands) => {
    if (kind === "state-entered" && detail.state === "WaitForGates" && stopped === "") {
      stopped = String(detail.arn);
      clock.after(5, () => hands.stop(stopped));
    }
    const claimed = kind === "claim" && detail.intent === "take-over";
    if (!claimed || redrivenAt !== Number.POSITIVE_INFINITY) return;
    redrivenAt = clock.now() + 1_000;
    clock.after(1_000, () => hands.redrive(stopped));
  });
  expect(run.result.failures).toEqual([]);
  expect(endingsOf(run, stopped)).toEqual(["ABORTED", "SUCCEEDED superseded"]);
  expect(run.result).toMatchObject({ epoch: 3, clients: { lostWrites: 0 } });
  expect(run.result.switches.map(({ executionArn }) => executionArn)).not.toContain(stopped);
  const by = z.looseObject({ item: z.looseObject({ execution: z.string(), kind: z.string() }) });
  const announced = run.events
    .filter(({ at, kind }) => kind === "item-written" && at > redrivenAt)
    .flatMap(({ detail }) => by.safeParse(detail).data?.item ?? [])
    .filter(({ execution }) => execution === stopped);
  expect(announced.map(({ kind }) => kind)).toEqual(["outcome"]);
});

test("an automatic failover is redriven beside its fence, and is made once", {
  timeout: 600_000,
}, async () => {
  let switching = "";
  const { run, historyOf } = await rehearse(outage, ({ kind, detail }, { clock }, hands) => {
    if (kind !== "state-entered" || detail.state !== "ShiftTrafficNow" || switching !== "") return;
    switching = String(detail.arn);
    clock.after(500, () => hands.stop(switching));
    clock.after(20_000, () => hands.redrive(switching));
  });
  expect(run.result.failures).toEqual([]);
  expect(run.result.switches.map(({ executionArn }) => executionArn)).toEqual([switching]);
  expect(endingsOf(run, switching)).toEqual(["ABORTED", "SUCCEEDED switched"]);
  const history = historyOf(switching);
  expect(history.filter((type) => type === "ParallelStateStarted")).toHaveLength(1);
  expect(history.filter((type) => type === "ParallelStateSucceeded")).toHaveLength(1);
});
