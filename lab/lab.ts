// Puts the lab together: kernel, services, and the assembly deployed into them. Services that call
// each other are made one after the other: what is made later is looked up when it is used.
import { z } from "zod";
import type { Config, Region } from "../core/config/schema.ts";
import { controlTableName, vantageRegions } from "../core/names.ts";
import { createAccessKeys } from "./access-keys.ts";
import { createAwsCalls } from "./aws-calls.ts";
import { installClock, type LabClock } from "./clock.ts";
import { type Assembly, readAssembly } from "./deploy/assembly.ts";
import { deploy } from "./deploy/deployer.ts";
import { identityModels, type ManagedPolicies } from "./deploy/identities.ts";
import { CachingResolver } from "./dns/resolver.ts";
import { Hindrances } from "./faults/hindrances.ts";
import { createIam } from "./iam.ts";
import { createInternet } from "./internet.ts";
import type {
  DeployedResource,
  Lab,
  Lambda,
  NameServers,
  Resolver,
  ResourceModels,
} from "./kernel.ts";
import { createEventLog } from "./log.ts";
import { createNetwork } from "./network.ts";
import { Observer } from "./observe.ts";
import { createRandom } from "./random.ts";
import { RegionClocks } from "./region-clocks.ts";
import { createApiGateway } from "./services/apigateway/apigateway.ts";
import { createCloudFront } from "./services/cloudfront/cloudfront.ts";
import { type CloudWatch, createCloudWatch } from "./services/cloudwatch/cloudwatch.ts";
import { createDynamoDb } from "./services/dynamodb/dynamodb.ts";
import { countTableRequests } from "./services/dynamodb/request-metrics.ts";
import { createEvents, type Events } from "./services/events/events.ts";
import { createHealth } from "./services/health/health.ts";
import { eventSourceMappings } from "./services/lambda/event-source-mapping.ts";
import { hinderedLambda } from "./services/lambda/hindered.ts";
import { invokeApi } from "./services/lambda/invoke-api.ts";
import { createLambda, type LabLambda } from "./services/lambda/lambda.ts";
import { isolateSdk } from "./services/lambda/sdk.ts";
import { createRoute53 } from "./services/route53/route53.ts";
import { createS3 } from "./services/s3/s3.ts";
import { createSns } from "./services/sns/sns.ts";
import { createSqs, type Sqs } from "./services/sqs/sqs.ts";
import { createSsm } from "./services/ssm/ssm.ts";
import { createStates } from "./services/states/states.ts";
import { createSts } from "./services/sts/sts.ts";
import { createSynthetics } from "./services/synthetics/synthetics.ts";
import { createWeb } from "./web.ts";

/** The account that the lab deploys to; AWS's own example number. */
export const account = "123456789012";

export interface LabSettings {
  readonly config: Config;
  readonly seed: number;
  /** Cloud assembly to deploy. */
  readonly folder: string;
  /** ms since 1970 of 0s, and how long before that the lab starts. */
  readonly zero: number;
  readonly warmUpMilliseconds: number;
  /** What is deployed otherwise than the assembly says; absent: nothing. */
  readonly remodelled?: (models: ResourceModels) => ResourceModels;
}

export type RunningLab = Awaited<ReturnType<typeof startLab>>;

/** Takes over this process's clock; `uninstall` gives it back. */
export async function startLab(settings: LabSettings) {
  isolateSdk(createRandom(settings.seed));
  const clock = installClock(settings);
  try {
    return await buildLab(settings, clock);
  } catch (error) {
    clock.uninstall();
    throw error;
  }
}

async function buildLab(settings: LabSettings, clock: LabClock) {
  const kernel = createKernel(settings.seed, clock);
  const assembly = readAssembly(settings.folder);
  const services = createServices(settings.config, kernel, {
    codeOf: (resource) => codeFolder(resource, assembly),
    assetFolder: (key) => assembly.assetPath(key.replace(/\.zip$/, "")),
  });
  const resources = await deploy(assembly, {
    account,
    models: settings.remodelled?.(services.models) ?? services.models,
    parameter: services.ssm.parameter,
  });
  await kernel.iam.readUp(services.managedPolicies.values());
  return { ...kernel, ...services, resources };
}

function createKernel(seed: number, clock: LabClock) {
  const random = createRandom(seed);
  const clocks = new RegionClocks(clock);
  const log = createEventLog(clock);
  const network = createNetwork(clock, random);
  const internet = createInternet(clock, network);
  const iam = createIam({ account, clock, log });
  const calls = createAwsCalls({ clock, network, internet, iam, log });
  const hindrances = new Hindrances(random);
  calls.intercept(hindrances.atTheDoor);
  const web = createWeb(clock, network, internet);
  const accessKeys = createAccessKeys(random);
  const doors = { network, internet, iam, calls, web, hindrances };
  return { account, clock, clocks, random, log, accessKeys, ...doors };
}
type Kernel = ReturnType<typeof createKernel>;

/** What is made further down than who uses it; asked for only once the lab runs. */
interface Late {
  lambda?: Lambda;
  events?: Events;
  cloudWatch?: CloudWatch;
  nameServers?: NameServers;
}

function lateLab(kernel: Kernel, late: Late, resolverIn: Lab["resolverIn"]) {
  const made = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("a part of the lab was used before it was made");
    return part;
  };
  return {
    ...kernel,
    resolverIn,
    call: kernel.calls.call,
    hindrance: (region, service) => kernel.hindrances.meets(region, service),
    get lambda() {
      return made(late.lambda);
    },
    get nameServers() {
      return made(late.nameServers);
    },
    putAwsEvent: (...event: Parameters<Lab["putAwsEvent"]>) =>
      made(late.events).putAwsEvent(...event),
    putMetric: (...datum: Parameters<Lab["putMetric"]>) =>
      made(late.cloudWatch).putMetric(...datum),
  } satisfies Lab;
}

/** Folders of the assembly: a function's code, and any asset by its key in CDK's bucket. */
interface Assets {
  readonly codeOf: (resource: DeployedResource) => string | null;
  readonly assetFolder: (key: string) => string;
}

function createServices(config: Config, kernel: Kernel, { codeOf, assetFolder }: Assets) {
  const { clock, clocks, random, log, network, iam, web, internet, calls, accessKeys } = kernel;
  const late: Late = {};
  const resolvers = new Map<Region, Resolver>();
  const lab = lateLab(kernel, late, (region) => {
    const resolver = resolvers.get(region);
    if (!resolver) throw new Error(`the lab has no resolver in ${region}`);
    return resolver;
  });
  const observer = new Observer({ config, clock, clocks, log });
  const containers = { lab, calls, internet, accessKeys, codeOf };
  const lambda = observer.lambda(createLambda({ ...containers, iam }));
  // The Invoke API meets its faults at the door; whoever calls Lambda otherwise, here.
  late.lambda = hinderedLambda(lambda, lab);
  const ssm = createSsm(lab);
  const sns = createSns(lab);
  const sqs = createSqs(lab);
  const events = createEvents(lab);
  late.events = events;
  const cloudWatch = createCloudWatch(lab, sns);
  late.cloudWatch = cloudWatch;
  const dynamoDb = createDynamoDb(lab, { logged: [controlTableName(config)] });
  const apiGateway = createApiGateway({ lab, accessKeys });
  const s3 = createS3({ account: kernel.account, iam, random, clock, assetFolder });
  const cloudFront = createCloudFront({ lab, s3 });
  const { hostedZoneId: id, hostedZoneName: name } = config.domain;
  const route53 = createRoute53({
    ...{ clock, random, log, network, web },
    zone: { id, name },
    aliasAddresses: (dnsName, type) => [
      ...apiGateway.addresses(dnsName, type),
      ...cloudFront.addresses(dnsName, type),
    ],
    metricVerdict: cloudWatch.metricVerdict,
  });
  calls.onAnswer(countTableRequests(lab));
  late.nameServers = route53.nameServers;
  for (const region of vantageRegions(config)) {
    resolvers.set(region, new CachingResolver(lab, { from: { region } }));
  }
  const states = createStates(lab);
  const synthetics = createSynthetics(containers);
  const health = createHealth();
  const made = [ssm, sns, sqs, events, cloudWatch, dynamoDb, route53, states, health];
  const sts = createSts(kernel.account);
  const endpoints = [...[...made, s3].map((part) => part.service), invokeApi(lambda, lab), sts];
  for (const service of endpoints) calls.register(observer.service(service));
  const modelled = [...made, lambda, apiGateway, synthetics, s3, cloudFront].map(
    (part) => part.models,
  );
  const mappings = mappingModels(lab, lambda, sqs);
  const managedPolicies: ManagedPolicies = new Map();
  const identities = identityModels(iam, account, managedPolicies);
  const models: ResourceModels = Object.assign({}, identities, mappings, ...modelled);
  const inRegions = { lambda, ssm, sqs, events, dynamoDb, apiGateway, states, synthetics, s3 };
  return { lab, models, managedPolicies, route53, cloudFront, health, ...inRegions };
}

function mappingModels(lab: Lab, functions: LabLambda, { queue }: Sqs): ResourceModels {
  return eventSourceMappings({
    lab,
    functions: {
      arnOf: (...name) => functions.arnOf(...name),
      settingsOf: (arn) => functions.settingsOf(arn),
      // As any caller of Lambda that is no client of its API.
      invoke: (arn, payload) => lab.lambda.invoke(arn, payload),
    },
    queue,
  });
}

/** A function's or a canary's code: the unpacked asset that its template names by hash. */
function codeFolder({ properties }: DeployedResource, assembly: Assembly): string | null {
  const { S3Key } = codeSchema.safeParse(properties.Code).data ?? {};
  return S3Key === undefined ? null : assembly.assetPath(S3Key.replace(/\.zip$/, ""));
}
const codeSchema = z.object({ S3Key: z.string().optional() });
