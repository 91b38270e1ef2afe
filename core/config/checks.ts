// What a configuration must satisfy beyond the shape of its values: checks that need thought. Each
// finding names every path it rests on; the first is where it is reported.
import {
  answersAtTarget,
  arithmetic,
  hardOutage,
  lossWindow,
  writesAtTarget,
} from "./detection.ts";
import { type Check, type Finding, when } from "./finding.ts";
import {
  distinctRegions,
  newerMrsc,
  strongRegions,
  weakerCoordination,
  witnessPlace,
} from "./region-checks.ts";
import type { Config } from "./schema.ts";
import { tableFaults } from "./tables.ts";
import { websiteFaults } from "./website.ts";

export function checkConfig(config: Config): { faults: Finding[]; warnings: Finding[] } {
  return {
    faults: refusals.flatMap((check) => check(config)),
    warnings: cautions.flatMap((check) => check(config)),
  };
}

const domain: Check = ({ domain: { name, hostedZoneName } }) =>
  when(
    name !== hostedZoneName && !name.endsWith(`.${hostedZoneName}`),
    "$.domain.name",
    `${name} is outside the zone ${hostedZoneName}`,
    "$.domain.hostedZoneName",
  );

/** Two steps more, the second of which may have to wait for the queue. */
const eventTiming: Check = ({ workloads, detection }) =>
  when(
    workloads.includes("events") && detection.stepTimeoutSeconds > 15,
    "$.detection.stepTimeoutSeconds",
    'must be at most 15 with the workload "events": a run that gathers evidence waits 28 s for ' +
      "three looks, which post an event and wait for its effect",
    "$.workloads",
  );

/** An issue of a service that isn't listed is no vote. */
const eventServices: Check = ({ workloads, detection }) => {
  const missing = ["EVENTS", "SQS"].filter((name) => !detection.healthServices.includes(name));
  return when(
    workloads.includes("events") && missing.length > 0,
    "$.detection.healthServices",
    `lacks ${missing.join(" and ")}, which the workload "events" uses: AWS Health's issues of ` +
      "them count for nothing",
    "$.workloads",
  );
};

const timing: Check = ({ detection: d, ...config }) => [
  // Evidence waits 28 s for three fresh looks, 3 s apart, of a Region that drops every packet.
  ...when(
    d.stepTimeoutSeconds > 18,
    "$.detection.stepTimeoutSeconds",
    "must be at most 18: a run that gathers evidence waits 28 s for three looks",
  ),
  // The watch function works in minutes: what it repeats must fit several times into one.
  ...when(
    d.lookSeconds > 30,
    "$.detection.lookSeconds",
    "must be at most 30: watch works by minutes",
  ),
  ...when(
    d.heartbeatSeconds > 30,
    "$.detection.heartbeatSeconds",
    "must be at most 30: watch works by minutes",
  ),
  ...when(
    config.drain === "heartbeats" && d.heartbeatSeconds > 20,
    "$.detection.heartbeatSeconds",
    'must be at most 20 with "drain": "heartbeats": the drain waits for the second beat from ' +
      "now, within one step of the machine",
    "$.drain",
  ),
  ...when(
    config.writeLeaseSeconds + config.writeDeadlineSeconds > 60,
    "$.writeLeaseSeconds",
    `write lease and write deadline (${config.writeLeaseSeconds} s + ` +
      `${config.writeDeadlineSeconds} s) must be at most 60 s together: a fence waits for both`,
    "$.writeDeadlineSeconds",
  ),
  ...when(
    d.quorum > 5,
    "$.detection.quorum",
    `${d.quorum} votes can't be reached: three vantage points, an AWS Health issue and ` +
      "CloudWatch's metrics are 5",
  ),
];

/** A dead Region's own vantage point says nothing: peer, witness and DNS are three votes. */
const highQuorum: Check = ({ detection }) =>
  when(
    detection.quorum > 3,
    "$.detection.quorum",
    "a hard outage brings three votes by itself (two vantage points and DNS): with this quorum " +
      "nothing fails over before AWS Health reports an issue",
  );

const overlappingLooks: Check = ({ detection: { stepTimeoutSeconds, lookSeconds } }) =>
  when(
    stepTimeoutSeconds > lookSeconds,
    "$.detection.stepTimeoutSeconds",
    `a step may take ${stepTimeoutSeconds} s while a look starts every ${lookSeconds} s: ` +
      "looks at a failing Region overlap",
  );

const detectionPaths = [
  "$.detection.lookSeconds",
  "$.detection.lookFailures",
  "$.detection.stepTimeoutSeconds",
  "$.detection.endpointIntervalSeconds",
  "$.detection.endpointFailures",
];

const objectives: Check = (config) => {
  const { rtoSeconds } = config.objectives;
  const writes = writesAtTarget(config);
  const answers = answersAtTarget(config);
  return when(
    hardOutage(config).seconds > rtoSeconds,
    "$.objectives.rtoSeconds",
    `${rtoSeconds} s can't be met in a hard outage. Writes at the target: ${arithmetic(writes)}. ` +
      `Answers at the clients: ${arithmetic(answers)}. The slower one counts: ` +
      `${hardOutage(config).seconds} s > ${rtoSeconds} s`,
    ...detectionPaths,
    "$.writeLeaseSeconds",
    "$.writeDeadlineSeconds",
  );
};

const lossObjective: Check = (config) => {
  const window = lossWindow(config);
  return when(
    window.seconds > config.objectives.rpoSeconds,
    "$.objectives.rpoSeconds",
    `the loss window of a hard outage can be ${arithmetic(window)}, more than ` +
      `${config.objectives.rpoSeconds} s: such a failover follows policy.onLossUnknown ` +
      `("${config.policy.onLossUnknown}")`,
  );
};

const reachable: Check = (config) => [
  ...when(config.notify.length === 0, "$.notify", "is empty: nobody is notified"),
  ...when(
    config.detection.quorum === 1,
    "$.detection.quorum",
    "a single vantage point may move traffic; a fault of its own network would suffice",
  ),
];

const canaryRoute: Check = ({ canaryPath }) =>
  when(
    canaryPath === "/health" || canaryPath === "/events" || canaryPath === "/events/canary",
    "$.canaryPath",
    `${canaryPath} is a route of its own already`,
  );

const refusals: readonly Check[] = [
  distinctRegions,
  strongRegions,
  domain,
  websiteFaults,
  timing,
  eventTiming,
  tableFaults,
  canaryRoute,
  objectives,
];
const cautions: readonly Check[] = [
  newerMrsc,
  weakerCoordination,
  witnessPlace,
  lossObjective,
  reachable,
  highQuorum,
  overlappingLooks,
  eventServices,
];
