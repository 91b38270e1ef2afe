// S3 as the app uses it: a website's origin (buckets with a policy, files that CDK's deployment
// puts there, GetObject for callers that the policy names), and the archive's objects
// (objects-api.ts). Bodies are texts. A bucket that is gone and a key that isn't there are S3's own
// answers; a Region that is down gives none.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
import { createHash } from "node:crypto";
import type { Region } from "../../../core/config/schema.ts";
import type {
  AwsService,
  HttpResponse,
  Json,
  Lab,
  Principal,
  ResourceModels,
} from "../../kernel.ts";
import { refusal, s3Service } from "./objects-api.ts";
import { s3Models } from "./resources.ts";

/** Until when (ms since 1970) that version can't be deleted or overwritten. */
export interface Retention {
  readonly mode: "GOVERNANCE" | "COMPLIANCE";
  readonly until: number;
}

export interface StoredObject {
  readonly body: string;
  readonly contentType: string;
  readonly cacheControl: string | null;
  readonly versionId?: string | null;
  readonly retention?: Retention | null;
}

export interface Bucket {
  readonly name: string;
  readonly region: Region;
  /** The newest version of each. */
  readonly objects: Map<string, StoredObject>;
  readonly versioned: boolean;
  /** Object Lock's default retention; null: no Object Lock. */
  readonly lock: { readonly mode: Retention["mode"]; readonly days: number } | null;
  /** Null: the account's own roles alone. */
  policy: Json;
}

export interface Read {
  readonly region: Region;
  readonly bucket: string;
  readonly key: string;
  readonly withBody: boolean;
  readonly principal: Principal;
  /** For which of its resources an AWS service asks. */
  readonly sourceArn: string;
}

export interface S3 {
  readonly models: ResourceModels;
  readonly service: AwsService;
  /** As its owner looks at it. Null: there is no such bucket. */
  objectsIn(region: Region, name: string): ReadonlyMap<string, StoredObject> | null;
  /** GetObject or HeadObject at the Region's endpoint, over TLS. */
  read(read: Read): Promise<HttpResponse>;
  /** Takes the bucket away with all that is in it, as its owner by mistake. */
  deleteBucket(region: Region, name: string): void;
}

export interface S3Ports extends Pick<Lab, "account" | "iam" | "random" | "clock"> {
  /** Folder of an asset by its key in CDK's own bucket. */
  readonly assetFolder: (key: string) => string;
}

export function createS3(ports: S3Ports): S3 {
  /** By Region and name: a Region's endpoint knows no bucket of another one. */
  const buckets = new Map<string, Bucket>();
  const keyOf = (region: Region, name: string) => `${region} ${name}`;
  return {
    models: s3Models({ ...ports, buckets, keyOf }),
    service: s3Service({ ...ports, bucketIn: (...place) => buckets.get(keyOf(...place)) }),
    objectsIn: (region, name) => buckets.get(keyOf(region, name))?.objects ?? null,
    read: (read) => answer(buckets.get(keyOf(read.region, read.bucket)), read, ports),
    deleteBucket(region, name) {
      if (!buckets.delete(keyOf(region, name))) throw new Error(`no bucket ${name} in ${region}`);
    },
  };
}

async function answer(bucket: Bucket | undefined, read: Read, ports: S3Ports) {
  if (bucket === undefined) {
    return refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  }
  const demand = {
    action: "s3:GetObject",
    resource: `arn:aws:s3:::${bucket.name}/${read.key}`,
    context: {
      "aws:SourceArn": read.sourceArn,
      "aws:SourceAccount": ports.account,
      "aws:SecureTransport": "true",
    },
  };
  const allowed = await ports.iam.allows(read.principal, demand, bucket.policy);
  const found = bucket.objects.get(read.key);
  // Who may not list a bucket isn't told what is missing in it.
  if (!allowed || found === undefined) return refusal(403, "AccessDenied", "Access Denied");
  const etag = `"${createHash("md5").update(found.body).digest("hex")}"`;
  const headers = { "content-type": found.contentType, etag, server: "AmazonS3" };
  const kept = found.cacheControl === null ? {} : { "cache-control": found.cacheControl };
  return {
    status: 200,
    headers: { ...headers, ...kept },
    body: read.withBody ? found.body : "",
  };
}
