import { expect, test } from "vitest";
import type { AcknowledgedWrite } from "../../../lab/clients/history.ts";
import { type Facts, switchesOf } from "../../../lab/report/gather.ts";
import {
  atSecond,
  config,
  failover,
  primary,
  scriptedLog,
  secondary,
  zero,
} from "../scripted-log.ts";

const outcome = (kind: string, epoch: number) =>
  JSON.stringify({
    ...{ outcome: kind, sentence: kind, plan: failover, epoch, requestedBy: "signal:watch" },
    ...{ signalAt: atSecond(150), decidedAt: atSecond(160), claimedAt: atSecond(161) },
    ...{ promotedAt: null, shiftedAt: null, completedAt: atSecond(400), lossBoundSeconds: 18 },
    ...{ writePauseSeconds: null, levers: { switch: "effective", drain: "effective" } },
    ...{ because: ["quorum-reached"], blockedBy: [] },
  });

const lost: AcknowledgedWrite = {
  id: "o-1",
  client: 0,
  at: atSecond(119),
  region: primary,
  epoch: 1,
};

test("A switch that was taken over counts once, and answers for what the first run lost", () => {
  const { log, emit } = scriptedLog();
  emit(130, "execution-started", { arn: "first" }, secondary);
  emit(340, "execution-started", { arn: "second" }, primary);
  const ended = { status: "SUCCEEDED" };
  emit(361, "execution-ended", { arn: "first", ...ended, output: outcome("superseded", 2) });
  emit(362, "execution-ended", { arn: "second", ...ended, output: outcome("switched", 3) });
  const facts: Facts = { config, zero, events: log.events, histories: [], missing: [lost] };
  expect(switchesOf(facts)).toMatchObject([{ executionArn: "second", epoch: 3, lostWrites: 1 }]);
});

test("A lost write is charged to the first switch away from its Region, not to a later one", () => {
  const { log, emit } = scriptedLog();
  for (const [arn, epoch, seconds] of [
    ["first", 2, 100],
    ["later", 4, 900],
  ] as const) {
    emit(seconds, "execution-started", { arn });
    emit(seconds + 60, "execution-ended", {
      arn,
      status: "SUCCEEDED",
      output: outcome("switched", epoch),
    });
  }
  const facts: Facts = { config, zero, events: log.events, histories: [], missing: [lost] };
  expect(switchesOf(facts).map(({ lostWrites }) => lostWrites)).toEqual([1, 0]);
});
