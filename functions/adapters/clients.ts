// One SDK client per service and Region, with the Region, timeouts and attempts said explicitly:
// the SDK's defaults wait for minutes. What ends a call that hangs is `bounded`: of the timeouts
// here only the one for connecting fails an attempt.
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { HealthClient } from "@aws-sdk/client-health";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { Route53Client } from "@aws-sdk/client-route-53";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Region } from "../../core/config/schema.ts";

/** Of one attempt. A Region that drops packets is noticed while connecting. */
const connectionTimeout = 1_000;
/** Ends nothing: after so long the SDK warns, as long as throwOnRequestTimeout is not set. */
const requestTimeout = 3_000;
/** One repetition: a second failure says more about the service than about the packet. */
const maxAttempts = 2;

const settings = (region: Region) => ({
  region,
  maxAttempts,
  requestHandler: { connectionTimeout, requestTimeout },
});

/** A client per Region, made when first asked for, kept while the container lives. The annotation
 * lets the bundler leave out clients that a function never asks for, and with them their SDKs. */
/* @__NO_SIDE_EFFECTS__ */
function perRegion<C>(create: (region: Region) => C): (region: Region) => C {
  const made = new Map<Region, C>();
  return (region) => {
    const client = made.get(region) ?? create(region);
    made.set(region, client);
    return client;
  };
}

export const cloudWatchIn = perRegion((region) => new CloudWatchClient(settings(region)));
export const eventBridgeIn = perRegion((region) => new EventBridgeClient(settings(region)));
export const healthIn = perRegion((region) => new HealthClient(settings(region)));
export const stepFunctionsIn = perRegion((region) => new SFNClient(settings(region)));
export const snsIn = perRegion((region) => new SNSClient(settings(region)));
export const s3In = perRegion((region) => new S3Client(settings(region)));
export const ssmIn = perRegion((region) => new SSMClient(settings(region)));
/** A single attempt: repeating an invocation would run it twice. No warning while a function works
 * for most of a minute. */
export const lambdaIn = perRegion(
  (region) =>
    new LambdaClient({
      region,
      maxAttempts: 1,
      requestHandler: { connectionTimeout, requestTimeout: 50_000 },
    }),
);
/** Route 53's API is one endpoint in us-east-1; the Region given here is the caller's. */
export const route53From = perRegion((region) => new Route53Client(settings(region)));

const documents = { marshallOptions: { removeUndefinedValues: true } };
export const dynamoIn = perRegion((region) =>
  DynamoDBDocumentClient.from(new DynamoDBClient(settings(region)), documents),
);
/** For item writes of the gate: one attempt, so that no write is sent later than its deadline. */
export const dynamoOnceIn = perRegion((region) =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...settings(region), maxAttempts: 1 }),
    documents,
  ),
);

/** What every SDK call takes as its second argument. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** Fails with a TimeoutError after so many seconds, whatever the call does about its signal. */
export async function bounded<T>(
  seconds: number,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new Error(`No answer within ${seconds} s.`);
      late.name = "TimeoutError";
      reject(late);
      controller.abort();
    }, seconds * 1_000);
  });
  try {
    return await Promise.race([call({ abortSignal: controller.signal }), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
