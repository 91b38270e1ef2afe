// S3 as a website's origin needs it: buckets with a policy, files that CDK's deployment puts there,
// and GetObject for callers that the policy names. Bodies are texts. A bucket that is gone and a
// key that isn't there are S3's own answers; a Region that is down gives none.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
import { createHash } from "node:crypto";
import type { Region } from "../../../core/config/schema.ts";
import type { HttpResponse, Json, Lab, Principal, ResourceModels } from "../../kernel.ts";
import { s3Models } from "./resources.ts";

export interface StoredObject {
  readonly body: string;
  readonly contentType: string;
  readonly cacheControl: string | null;
}

export interface Bucket {
  readonly name: string;
  readonly region: Region;
  readonly objects: Map<string, StoredObject>;
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
  /** GetObject or HeadObject at the Region's endpoint, over TLS. */
  read(read: Read): Promise<HttpResponse>;
  /** Takes the bucket away with all that is in it, as its owner by mistake. */
  deleteBucket(region: Region, name: string): void;
}

export interface S3Ports extends Pick<Lab, "account" | "iam" | "random"> {
  /** Folder of an asset by its key in CDK's own bucket. */
  readonly assetFolder: (key: string) => string;
}

export function createS3(ports: S3Ports): S3 {
  /** By Region and name: a Region's endpoint knows no bucket of another one. */
  const buckets = new Map<string, Bucket>();
  const keyOf = (region: Region, name: string) => `${region} ${name}`;
  return {
    models: s3Models({ ...ports, buckets, keyOf }),
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

function refusal(status: number, code: string, message: string): HttpResponse {
  const body =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml", server: "AmazonS3" }, body };
}
