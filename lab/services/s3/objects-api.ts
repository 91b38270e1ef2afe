// S3's object calls at the Region's endpoint, as the archive needs them: PutObject with its
// condition and Object Lock, and GetObject. Every other operation, and every header that would mean
// something else, is refused by name. Bodies are texts.
// Sources: API reference, PutObject and GetObject; user guide, "How to prevent object overwrites
// with conditional writes", "Locking objects with Object Lock".
import { createHash } from "node:crypto";
import type { AwsRequest, AwsResponse, AwsService, Demand, Lab } from "../../kernel.ts";
import type { Bucket, Retention, StoredObject } from "./s3.ts";

export interface ObjectsPorts extends Pick<Lab, "random" | "clock"> {
  readonly bucketIn: (region: string, name: string) => Bucket | undefined;
}

interface Target {
  readonly bucket: string;
  readonly key: string;
}
interface Call extends Target {
  readonly action: "s3:PutObject" | "s3:GetObject";
}

const lockMode = "x-amz-object-lock-mode";
const lockUntil = "x-amz-object-lock-retain-until-date";
/** Headers of every SDK call; others that begin with x-amz- mean what isn't modelled. */
const knownHeaders =
  /^x-amz-(checksum-\w+|sdk-checksum-algorithm|content-sha256|date|security-token|user-agent)$/;

export function s3Service(ports: ObjectsPorts): AwsService {
  const bucketOf = ({ region }: AwsRequest, { bucket }: Target) => ports.bucketIn(region, bucket);
  return {
    name: "s3",
    demands(request) {
      const call = callOf(request);
      if (call === null) return null;
      const policy = bucketOf(request, call)?.policy ?? null;
      return demandsOf(call, request).map((demand) =>
        policy === null ? demand : { ...demand, resourcePolicy: policy },
      );
    },
    async handle(request) {
      const call = callOf(request);
      if (call === null) return refusal(501, "NotImplemented", "not modelled");
      const bucket = bucketOf(request, call);
      if (bucket === undefined) {
        return refusal(404, "NoSuchBucket", "The specified bucket does not exist");
      }
      return call.action === "s3:PutObject"
        ? put(bucket, call.key, request, ports)
        : get(bucket, call.key);
    },
    error: (_request, code, message, status) => refusal(status, code, message),
  };
}

/** Null: another operation, which is told by its method and query. */
function callOf(request: AwsRequest): Call | null {
  const target = targetOf(request);
  const isPlain = Object.keys(request.query).every((name) => name === "x-id");
  if (target.key === "" || !isPlain) return null;
  const unknown = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && !knownHeaders.test(name) && !isLock(name),
  );
  if (unknown.length > 0) return null;
  if (request.method === "PUT") return { ...target, action: "s3:PutObject" };
  return request.method === "GET" ? { ...target, action: "s3:GetObject" } : null;
}

const isLock = (name: string) => name === lockMode || name === lockUntil;

/** By the host (virtual-hosted style) or the path's first part: an endpoint that is an IP address
 * has no names below it. */
function targetOf({ headers, path }: AwsRequest): Target {
  const [, hosted] = /^(.+)\.s3\.[a-z0-9-]+\.amazonaws\.com$/.exec(headers.host ?? "") ?? [];
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const bucket = hosted ?? parts.shift() ?? "";
  return { bucket, key: parts.join("/") };
}

function demandsOf({ action, bucket, key }: Call, { headers }: AwsRequest): Demand[] {
  const condition = headers["if-none-match"];
  const context = {
    "aws:SecureTransport": "true",
    ...(condition === undefined ? {} : { "s3:if-none-match": condition }),
  };
  const resource = `arn:aws:s3:::${bucket}/${key}`;
  // Who says a retention of their own needs the permission to set one.
  const locks = Object.keys(headers).some(isLock);
  const actions = locks ? [action, "s3:PutObjectRetention"] : [action];
  return actions.map((each) => ({ action: each, resource, context }));
}

function put(
  bucket: Bucket,
  key: string,
  { headers, body }: AwsRequest,
  { random, clock }: ObjectsPorts,
): AwsResponse {
  const condition = headers["if-none-match"];
  if (condition !== undefined && condition !== "*") {
    return refusal(
      501,
      "NotImplemented",
      "A header you provided implies functionality: If-None-Match",
    );
  }
  const retention = retentionOf(bucket, headers, clock.now());
  if (typeof retention === "string") return refusal(400, "InvalidRequest", retention);
  if (condition === "*" && bucket.objects.has(key)) {
    return refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified");
  }
  const versionId = bucket.versioned ? random.hex("s3:version", 32) : null;
  const stored: StoredObject = {
    body,
    contentType: headers["content-type"] ?? "binary/octet-stream",
    cacheControl: null,
    versionId,
    retention,
  };
  bucket.objects.set(key, stored);
  return { status: 200, headers: objectHeaders(stored), body: "" };
}

/** The object's own, or the bucket's default; in words: why it is refused. */
function retentionOf(
  { lock }: Bucket,
  headers: AwsRequest["headers"],
  now: number,
): Retention | null | string {
  const { [lockMode]: mode, [lockUntil]: until } = headers;
  const isAsked = mode !== undefined || until !== undefined;
  if (lock === null) return isAsked ? "Bucket is missing Object Lock Configuration" : null;
  const isSummed = Object.keys(headers).some((name) => /^x-amz-checksum-|^content-md5$/.test(name));
  if (!isSummed) {
    return (
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with " +
      "Object Lock parameters"
    );
  }
  if (!isAsked) return { mode: lock.mode, until: now + lock.days * 86_400_000 };
  const at = Date.parse(until ?? "");
  if ((mode !== "GOVERNANCE" && mode !== "COMPLIANCE") || Number.isNaN(at)) {
    return `${lockMode} and ${lockUntil} must both be supplied`;
  }
  return at > now ? { mode, until: at } : "The retain until date must be in the future!";
}

function get(bucket: Bucket, key: string): AwsResponse {
  const found = bucket.objects.get(key);
  if (found === undefined) return refusal(404, "NoSuchKey", "The specified key does not exist.");
  const headers = { ...objectHeaders(found), "content-type": found.contentType };
  return { status: 200, headers, body: found.body };
}

function objectHeaders({ body, versionId, retention }: StoredObject): AwsResponse["headers"] {
  const etag = `"${createHash("md5").update(body).digest("hex")}"`;
  return {
    etag,
    server: "AmazonS3",
    ...(versionId == null ? {} : { "x-amz-version-id": versionId }),
    ...(retention == null
      ? {}
      : { [lockMode]: retention.mode, [lockUntil]: new Date(retention.until).toISOString() }),
  };
}

export function refusal(status: number, code: string, message: string): AwsResponse {
  const body =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml", server: "AmazonS3" }, body };
}
