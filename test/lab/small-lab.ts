// The lab's real kernel with nothing deployed: time, chance, log, network, identity, calls, web and
// Lambda. What a test does not plan (DNS, metrics, AWS events) throws.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Region } from "../../core/config/schema.ts";
import { createAccessKeys } from "../../lab/access-keys.ts";
import { createAwsCalls } from "../../lab/aws-calls.ts";
import { installClock } from "../../lab/clock.ts";
import { Hindrances } from "../../lab/faults/hindrances.ts";
import { createIam } from "../../lab/iam.ts";
import { createInternet } from "../../lab/internet.ts";
import type {
  DeployedResource,
  DnsAnswer,
  DnsType,
  HinderedService,
  Json,
} from "../../lab/kernel.ts";
import { createEventLog } from "../../lab/log.ts";
import { createNetwork } from "../../lab/network.ts";
import { createRandom } from "../../lab/random.ts";
import { RegionClocks } from "../../lab/region-clocks.ts";
import { invokeApi } from "../../lab/services/lambda/invoke-api.ts";
import { createLambda } from "../../lab/services/lambda/lambda.ts";
import { isolateSdk } from "../../lab/services/lambda/sdk.ts";
import { createWeb } from "../../lab/web.ts";

export const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
export const account = "111111111111";
export const roleArn = `arn:aws:iam::${account}:role/function`;
export const allow = (Action: string | string[], Resource: string | string[] = "*"): Json => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource }],
});
const trust: Json = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "lambda.amazonaws.com" },
    },
  ],
};

export function smallLab(seed = 1) {
  const clock = installClock({ zero });
  const random = createRandom(seed);
  isolateSdk(random);
  const log = createEventLog(clock);
  const network = createNetwork(clock, random);
  const iam = createIam({ account, clock, log });
  const internet = createInternet(clock, network);
  const web = createWeb(clock, network, internet);
  const calls = createAwsCalls({ clock, network, internet, iam, log });
  const accessKeys = createAccessKeys(random);
  const hindrances = new Hindrances(random);
  calls.intercept(hindrances.atTheDoor);
  /** Answers of the resolvers and the zone's servers, by name and type. */
  const records = new Map<string, DnsAnswer>();
  const metrics: Json[] = [];
  const answer = (name: string, type: DnsType): DnsAnswer =>
    records.get(`${name} ${type}`) ?? { status: "NXDOMAIN", values: [], ttlSeconds: 60 };
  const clocks = new RegionClocks(clock);
  const kernel = { account, clock, clocks, random, log, network, iam, web };
  const lab = {
    ...kernel,
    nameServers: { servers: [{ name: "ns-1.lab", address: "203.0.113.53" }], answer },
    resolverIn: () => ({ resolve: async (name: string, type: DnsType) => answer(name, type) }),
    hindrance: (region: Region, service: HinderedService) => hindrances.meets(region, service),
    putMetric: (...metric: Json[]) => void metrics.push(metric),
    call: calls.call,
  };
  const folders = new Map<string, string>();
  const codeOf = ({ logicalId }: DeployedResource) => folders.get(logicalId) ?? null;
  const lambda = createLambda({ lab, calls, internet, accessKeys, iam, codeOf });
  calls.register(invokeApi(lambda, lab));
  iam.addRole(roleArn, [], trust);
  const close = () => {
    clock.uninstall();
    for (const folder of folders.values()) rmSync(folder, { recursive: true });
  };
  return {
    ...kernel,
    hindrances,
    lab,
    internet,
    calls,
    accessKeys,
    lambda,
    records,
    metrics,
    folders,
    close,
  };
}
export type SmallLab = ReturnType<typeof smallLab>;

export const resource = (
  type: string,
  logicalId: string,
  properties: { [key: string]: Json },
  region = "us-east-1",
): DeployedResource => ({ stack: "orders", region, logicalId, type, properties });

/** Deploys a function whose bundle is that source; answers its ARN. */
export async function deployFunction(
  lab: SmallLab,
  name: string,
  source: string,
  properties: { [key: string]: Json } = {},
  region = "us-east-1",
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  writeFileSync(join(folder, "index.js"), source);
  lab.folders.set(name, folder);
  const type = "AWS::Lambda::Function";
  const described = {
    FunctionName: name,
    Runtime: "nodejs24.x",
    Role: roleArn,
    Code: { S3Key: "asset.zip" },
    ...properties,
  };
  await lab.lambda.models[type]?.(resource(type, name, described, region));
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}

/** What became of it within so many virtual seconds: its value, its error in words, or silence. */
export async function outcome(
  lab: SmallLab,
  call: Promise<unknown>,
  seconds = 30,
): Promise<unknown> {
  let result: unknown = "silence";
  call.then(
    (value) => {
      result = value;
    },
    (fault: Error) => {
      result = `${fault.name}: ${fault.message}`;
    },
  );
  await lab.clock.runUntil(lab.clock.now() + seconds * 1000);
  return result;
}
