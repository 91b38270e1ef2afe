// Every name that two parts must agree on without asking each other: derived from the
// configuration alone, so that stacks don't form a cycle and no lookup is needed in an emergency.
import type { Config, Region } from "./config/schema.ts";

/** The two Regions that serve, primary first. */
export function servingRegions(config: Config): [Region, Region] {
  return [config.regions.primary, config.regions.secondary];
}

/** The three vantage points, primary first, witness last. */
export function vantageRegions(config: Config): [Region, Region, Region] {
  return [config.regions.primary, config.regions.secondary, config.regions.witness];
}

export function peerOf(config: Config, region: Region): Region {
  return region === config.regions.primary ? config.regions.secondary : config.regions.primary;
}

/** Regions that can be taken out of service by levers: in active-passive the primary alone. */
export function leverRegions(config: Config): Region[] {
  return config.topology === "active-active" ? servingRegions(config) : [config.regions.primary];
}

/** `name` as in the configuration's tables, or one of Switchback's own two. */
export const tableName = (config: Config, name: string) => `${config.application}-${name}`;
export const applicationTableName = (config: Config) => tableName(config, "application");
export const controlTableName = (config: Config) => tableName(config, "control");

/** The index that answers "orders of a customer". Key: customer (HASH), createdAt (RANGE). */
export const customerIndexName = "by-customer";

/** `folder` is the function's folder below functions/, e.g. "gather-evidence". */
export const functionName = (config: Config, folder: string) => `${config.application}-${folder}`;
export const stateMachineName = (config: Config) => `${config.application}-region-switch`;
/** One canary a vantage point; it walks the journey in both serving Regions. */
export const canaryName = (config: Config) => `${config.application}-journey`;
/** The canary step that passes only if every step of that Region's journey did. Its metric
 * SuccessPercent (dimensions CanaryName, StepName) is what alarms and evidence read. */
export const canaryVerdictStep = (serving: Region) => `${serving} journey`;
/** Alarm on that step, in the vantage point's Region; on-signal reads the Region from its end. */
export const canaryAlarmName = (config: Config, serving: Region) =>
  `${canaryName(config)}-${serving}`;
/** The REST API of each serving Region, and the stage that it has. */
export const apiName = (config: Config) => `${config.application}-api`;
export const apiStageName = "prod";
/** Where one Region's API takes what another's could not write: signed by its function alone. The
 * application's name tells it from others' in the account: it is allowed under any API. */
export const forwardedPath = (config: Config) => `/switchback/${config.application}/forwarded`;
export const topicName = (config: Config) => `${config.application}-notifications`;

/** A Region's own name, e.g. us-east-1.api.example.com: checks, looks and forwarded writes. */
export const ownName = (config: Config, region: Region) => `${region}.${config.domain.name}`;

/** Resolves to that Region's regional domain of the *public* name: for looks that bypass
 * routing. */
export const publicTargetName = (config: Config, region: Region) =>
  `public.${region}.${config.domain.name}`;

/** A TXT record of each Region with levers: its value is the code of the Region that Route 53 sends
 * the callers nearest to `region` to. API Gateway's addresses don't tell the Region. */
export const markerName = (config: Config, region: Region) =>
  `_region.${region}.${config.domain.name}`;

/** What visitors type; below the zone, so that the certificate and the records can be made. */
export const websiteName = (config: Config) =>
  config.domain.website ?? `www.${config.domain.hostedZoneName}`;

/** S3 appends "-ACCOUNT-REGION-an": a name that no other account can take, and that the
 * distribution can know before there is a bucket. */
export const websiteBucketPrefix = (config: Config) => `${config.application}-website`;

/** The archive of each serving Region; named as the website's bucket is. */
export const archiveBucketPrefix = (config: Config) => `${config.application}-archive`;
export const archiveBucketName = (config: Config, region: Region, account: string) =>
  `${archiveBucketPrefix(config)}-${account}-${region}-an`;

/** In the witness Region: JSON of type CheckIds, written by the routing stack. */
export const checksParameterName = (config: Config) => `/switchback/${config.application}/checks`;

/** The drain lever's metric, in the witness Region: 1 drains, 0 restores. */
export const drainMetric = {
  namespace: "Switchback",
  name: "Drain",
  dimensions: (config: Config, region: Region) => ({ Group: config.application, Region: region }),
};

/** Events of our own on the default bus of each serving Region. */
export const eventSource = (config: Config) => `switchback.${config.application}`;
export const signalDetailType = "Switchback Signal";

/** Group: the unit of switching; by default it holds one application. */
export const groupOf = (config: Config) => config.application;

/** The events workload, in each serving Region: the bus that the API puts events on, the queue that
 * its rule feeds, and the queue for what could not be delivered or processed. */
export const eventBusName = (config: Config) => `${config.application}-events`;
export const eventQueueName = (config: Config) => `${config.application}-events`;
export const deadEventQueueName = (config: Config) => `${config.application}-events-dead`;
export const deadEventAlarmName = (config: Config) => `${config.application}-events-dead`;
/** Source of what the API puts on that bus; customers' kind of event is `detail.type`. */
export const customerEventSource = (config: Config) => `${config.application}.events`;

/** Managed policies for people, of the whole account: what each may do is in
 * app/constructs/people-policies.ts. */
export const peopleRoles = ["viewer", "operator", "approver", "break-glass"] as const;
export type PeopleRole = (typeof peopleRoles)[number];
export const policyName = (config: Config, role: PeopleRole) => `${config.application}-${role}`;
