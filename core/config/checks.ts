// What a configuration must satisfy beyond the shape of its values: checks that need thought, and
// values that the design knows and this version doesn't build, which are refused by name. Each
// finding names every path it rests on; the first is where it is reported.
import {
  answersAtTarget,
  arithmetic,
  hardOutage,
  lossWindow,
  writesAtTarget,
} from "./detection.ts";
import type { Config, Region } from "./schema.ts";

export type Finding = { readonly paths: readonly [string, ...string[]]; readonly message: string };
type Check = (config: Config) => Finding[];

export function checkConfig(config: Config): { faults: Finding[]; warnings: Finding[] } {
  return {
    faults: refusals.flatMap((check) => check(config)),
    warnings: cautions.flatMap((check) => check(config)),
  };
}

const when = (holds: boolean, path: string, message: string, ...rest: string[]): Finding[] =>
  holds ? [{ paths: [path, ...rest], message }] : [];

/** Sets of which MRSC takes three Regions, as CDK's TableV2 (2.276) accepts them. DynamoDB offers
 * more since 2026-09; those need CfnGlobalTable. */
export const regionSets: Readonly<Record<string, readonly Region[]>> = {
  US: ["us-east-1", "us-east-2", "us-west-2"],
  EU: ["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"],
  AP: ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3"],
};

/** Where AWS Health delivers a second copy of a Region's events (AWS Health User Guide, "Choosing
 * a Region"). */
export const healthBackupRegion = (region: Region): Region =>
  region === "us-west-2" ? "us-east-1" : "us-west-2";

const setOf = (region: Region) =>
  Object.keys(regionSets).find((name) => regionSets[name]?.includes(region) ?? false);

const notBuilt: Check = (config) => {
  const later = (holds: boolean, path: string, value: string) =>
    when(holds, path, `${value} is not built yet`);
  return [
    ...later(config.topology === "active-active", "$.topology", '"active-active"'),
    ...later(config.workloads.includes("events"), "$.workloads", '"events"'),
    ...later(config.frontend, "$.frontend", "true"),
    ...later(config.writes === "any-region", "$.writes", '"any-region"'),
    ...later(config.coordination === "eventual", "$.coordination", '"eventual"'),
    ...later(config.approval.twoPerson, "$.approval.twoPerson", "true"),
  ];
};

const distinctRegions: Check = ({ regions: { primary, secondary, witness } }) => [
  ...when(
    primary === secondary,
    "$.regions.secondary",
    `is the primary too (${primary}); a pair needs two Regions`,
    "$.regions.primary",
  ),
  ...when(
    witness === primary || witness === secondary,
    "$.regions.witness",
    `is ${witness === primary ? "the primary" : "the secondary"} too (${witness}); ` +
      "the witness must be a third Region",
    "$.regions.primary",
    "$.regions.secondary",
  ),
];

const regionSet: Check = ({ regions }) => {
  const roles = [
    ["$.regions.primary", regions.primary],
    ["$.regions.secondary", regions.secondary],
    ["$.regions.witness", regions.witness],
  ] as const;
  const outside = roles.flatMap(([path, region]) =>
    when(
      setOf(region) === undefined,
      path,
      `${region} is in no Region set in which this version builds the control table (MRSC): ` +
        Object.values(regionSets)
          .map((set) => set.join(", "))
          .join("; "),
    ),
  );
  if (outside.length > 0) return outside;
  const sets = roles.map(([, region]) => `${region} (${setOf(region)})`);
  return when(
    new Set(roles.map(([, region]) => setOf(region))).size > 1,
    "$.regions",
    `must lie in one MRSC Region set, but are ${sets.join(", ")}`,
    ...roles.map(([path]) => path),
  );
};

const domain: Check = ({ domain: { name, hostedZoneName } }) =>
  when(
    name !== hostedZoneName && !name.endsWith(`.${hostedZoneName}`),
    "$.domain.name",
    `${name} is outside the zone ${hostedZoneName}`,
    "$.domain.hostedZoneName",
  );

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
    d.quorum > 4,
    "$.detection.quorum",
    `${d.quorum} votes can't be reached: three vantage points and an AWS Health issue are 4`,
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

const witnessPlace: Check = ({ regions }) =>
  when(
    regions.witness === "us-east-1",
    "$.regions.witness",
    "us-east-1 holds Route 53's control plane too: its loss takes the witness, its drain alarms " +
      "and the switch levers at once",
  );

const healthBackup: Check = ({ regions }) => {
  const serving = [regions.primary, regions.secondary];
  return serving
    .filter((region) => !serving.includes(healthBackupRegion(region)))
    .map((region) => ({
      paths: ["$.regions"] as const,
      message:
        `AWS Health delivers a second copy of ${region}'s events in ` +
        `${healthBackupRegion(region)}, which is no serving Region: that copy is not received`,
    }));
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

const refusals: readonly Check[] = [
  notBuilt,
  distinctRegions,
  regionSet,
  domain,
  timing,
  objectives,
];
const cautions: readonly Check[] = [
  witnessPlace,
  healthBackup,
  lossObjective,
  reachable,
  highQuorum,
  overlappingLooks,
];
