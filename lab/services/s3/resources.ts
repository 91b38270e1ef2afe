// CloudFormation's S3 types, and CDK's bucket deployment, natively: its function runs Python with
// the AWS command line. What guards or ages objects without changing an answer is accepted.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { z } from "zod";
import type { CreatedResource, DeployedResource, ResourceModels } from "../../kernel.ts";
import type { Bucket, S3Ports, StoredObject } from "./s3.ts";

export interface S3ModelPorts extends S3Ports {
  readonly buckets: Map<string, Bucket>;
  keyOf(region: string, name: string): string;
}

const bucketSchema = z.looseObject({
  BucketName: z.string().optional(),
  BucketNamePrefix: z.string().optional(),
  BucketNamespace: z.literal("account-regional").optional(),
  WebsiteConfiguration: z.undefined("a website endpoint is not modelled").optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(["Enabled", "Suspended"]) }).optional(),
  ObjectLockEnabled: z.boolean().default(false),
  ObjectLockConfiguration: z
    .strictObject({
      ObjectLockEnabled: z.literal("Enabled"),
      Rule: z.strictObject({
        DefaultRetention: z.strictObject({
          Mode: z.enum(["GOVERNANCE", "COMPLIANCE"]),
          Days: z.int().min(1),
        }),
      }),
    })
    .optional(),
  ReplicationConfiguration: z.undefined("replication is not modelled").optional(),
});
const policySchema = z.strictObject({ Bucket: z.string(), PolicyDocument: z.json() });
const deploymentSchema = z.strictObject({
  ServiceToken: z.string(),
  SourceBucketNames: z.array(z.string()),
  SourceObjectKeys: z.array(z.string()),
  DestinationBucketName: z.string(),
  SystemMetadata: z.strictObject({ "cache-control": z.string() }).optional(),
  // Nothing stands in a bucket that was just made, and no edge keeps anything.
  Prune: z.unknown().optional(),
  WaitForDistributionInvalidation: z.unknown().optional(),
  OutputObjectKeys: z.unknown().optional(),
});

/** What the AWS command line guesses from a file's ending, of the endings that a page has. */
const contentTypes: { readonly [ending: string]: string } = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
};

export function s3Models(ports: S3ModelPorts): ResourceModels {
  return {
    "AWS::S3::Bucket": (resource) => createBucket(resource, ports),
    "AWS::S3::BucketPolicy": (resource) => setPolicy(resource, ports),
    "Custom::CDKBucketDeployment": (resource) => putFiles(resource, ports),
  };
}

function createBucket(resource: DeployedResource, ports: S3ModelPorts): CreatedResource {
  const { region } = resource;
  const name = bucketName(resource, ports);
  const key = ports.keyOf(region, name);
  if (ports.buckets.has(key)) throw new Error(`the bucket ${name} exists already`);
  const given = bucketSchema.parse(resource.properties);
  const versioned = given.VersioningConfiguration?.Status === "Enabled";
  const lock = lockOf(given, versioned);
  ports.buckets.set(key, { name, region, objects: new Map(), versioned, lock, policy: null });
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  };
}

/** Object Lock needs versioning, and is given to a bucket when it is made. */
function lockOf(
  { ObjectLockEnabled, ObjectLockConfiguration }: z.infer<typeof bucketSchema>,
  versioned: boolean,
): Bucket["lock"] {
  if (ObjectLockConfiguration === undefined) return null;
  if (!ObjectLockEnabled || !versioned) throw new Error("Object Lock needs a versioned bucket");
  const { Mode: mode, Days: days } = ObjectLockConfiguration.Rule.DefaultRetention;
  return { mode, days };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html */
function bucketName({ properties, region, stack, logicalId }: DeployedResource, ports: S3Ports) {
  const given = bucketSchema.parse(properties);
  if (given.BucketNamePrefix !== undefined) {
    return `${given.BucketNamePrefix}-${ports.account}-${region}-an`;
  }
  const made = () => `${stack}-${logicalId}-${ports.random.hex("s3", 12)}`.toLowerCase();
  return given.BucketName ?? made();
}

function bucketOf(resource: DeployedResource, name: string, ports: S3ModelPorts): Bucket {
  const bucket = ports.buckets.get(ports.keyOf(resource.region, name));
  if (bucket === undefined) throw new Error(`there is no bucket ${name} in ${resource.region}`);
  return bucket;
}

function setPolicy(resource: DeployedResource, ports: S3ModelPorts): CreatedResource {
  const given = policySchema.parse(resource.properties);
  bucketOf(resource, given.Bucket, ports).policy = given.PolicyDocument;
  return { ref: resource.logicalId, attributes: {} };
}

/** Later sources replace files of earlier ones. */
function putFiles(resource: DeployedResource, ports: S3ModelPorts): CreatedResource {
  const given = deploymentSchema.parse(resource.properties);
  const bucket = bucketOf(resource, given.DestinationBucketName, ports);
  const cacheControl = given.SystemMetadata?.["cache-control"] ?? null;
  for (const key of given.SourceObjectKeys) {
    const folder = ports.assetFolder(key);
    for (const file of filesBelow(folder)) {
      bucket.objects.set(
        relative(folder, file).split(sep).join("/"),
        objectFrom(file, cacheControl),
      );
    }
  }
  return {
    ref: `${resource.stack}-${resource.logicalId}`,
    attributes: { DestinationBucketArn: `arn:aws:s3:::${bucket.name}` },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function objectFrom(file: string, cacheControl: string | null): StoredObject {
  const contentType = contentTypes[extname(file)] ?? "binary/octet-stream";
  return { body: readFileSync(file, "utf8"), contentType, cacheControl };
}
