// The result of a drill that failed over; tests spread the difference over it.
import type { DrillResult, SwitchResult } from "../../../lab/report/result.ts";

export const failover: SwitchResult = {
  direction: "failover",
  mode: "automatic",
  from: "us-east-1",
  to: "us-west-2",
  epoch: 2,
  executionArn: "arn:x",
  status: "SUCCEEDED",
  requestedBy: "signal:watch",
  impactAt: 120,
  signalAt: 150,
  decidedAt: 160,
  shiftedAt: 190,
  completedAt: 3815,
  rtoSeconds: { p50: 68, p99: 104 },
  rtoSecondsAll: { p50: 69, p99: null },
  lossBoundSeconds: 18,
  lostWrites: 0,
  writePauseSeconds: 12,
  levers: { switch: "effective", drain: "accepted" },
  route53ControlPlaneCalls: 3,
  stateTransitions: 24,
  because: ["quorum-reached"],
};

export const result: DrillResult = {
  scenario: "an-outage",
  seed: 7,
  passed: true,
  failures: [],
  virtualSeconds: 5400,
  wallMilliseconds: 9400,
  logSha256: "0123456789abcdef0123456789abcdef",
  activeRegion: "us-west-2",
  epoch: 2,
  switches: [failover],
  decisions: [],
  clients: {
    requests: 900,
    failed: 30,
    acknowledgedWrites: 400,
    lostWrites: 1,
    failedDuringPlanned: 0,
  },
  invariants: [
    { name: "some-region-serves", checked: 100, violated: 0 },
    { name: "converges", checked: 11, violated: 0 },
  ],
  denied: [],
};
