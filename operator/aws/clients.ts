// The one place of the operator's side that knows the AWS SDK's clients: the lab's endpoint and AWS
// differ in settings alone. At three in the morning a dead Region must cost seconds, and the SDK's
// defaults wait for minutes: connecting is given up early, and what ends a call is `within`.
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Route53Client } from "@aws-sdk/client-route-53";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Region } from "../../core/config/schema.ts";

/** Where calls go and as whom. Nothing given: AWS, with the SDK's default credentials. */
export interface Connection {
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly profile?: string;
  /** What sends requests, in place of the network. */
  readonly requestHandler?: SFNClient["config"]["requestHandler"];
}

export interface Clients {
  states(region: Region): SFNClient;
  tables(region: Region): DynamoDBDocumentClient;
  metrics(region: Region): CloudWatchClient;
  identity(region: Region): STSClient;
  /** Route 53's API is one endpoint; the Region given here is the caller's. */
  dns(region: Region): Route53Client;
  archive(region: Region): S3Client;
}

const connectionTimeout = 1_500;
/** Ends nothing: after so long the SDK warns, as long as throwOnRequestTimeout is not set. */
const requestTimeout = 3_000;

export function createClients(connection: Connection): Clients {
  const settings = (region: Region) => ({
    requestHandler: { connectionTimeout, requestTimeout },
    ...connection,
    region,
    maxAttempts: 2,
  });
  return {
    states: kept((region) => new SFNClient(settings(region))),
    tables: kept((region) => DynamoDBDocumentClient.from(new DynamoDBClient(settings(region)))),
    metrics: kept((region) => new CloudWatchClient(settings(region))),
    identity: kept((region) => new STSClient(settings(region))),
    dns: kept((region) => new Route53Client(settings(region))),
    archive: kept((region) => new S3Client(settings(region))),
  };
}

/** Made when first asked for. */
function kept<C>(create: (region: Region) => C): (region: Region) => C {
  const made = new Map<Region, C>();
  return (region) => {
    const client = made.get(region) ?? create(region);
    made.set(region, client);
    return client;
  };
}
