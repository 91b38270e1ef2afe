// The archive's calls with a real S3 client, as a function makes them.
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AwsRequest, Json } from "../../../../lab/kernel.ts";
import { sdkRequestHandler } from "../../../../lab/sdk-request-handler.ts";
import { createS3, type S3 } from "../../../../lab/services/s3/s3.ts";
import {
  account,
  allow,
  resource,
  roleArn,
  type SmallLab,
  smallLab,
  zero,
} from "../../small-lab.ts";
import { settled } from "../in-process.ts";

const region = "us-east-1";
const name = `orders-archive-${account}-${region}-an`;
const writtenOnce: Json = {
  Version: "2012-10-17",
  Statement: [
    {
      ...{ Effect: "Deny", Principal: { AWS: "*" }, Action: "s3:PutObject" },
      ...{
        Resource: `arn:aws:s3:::${name}/*`,
        Condition: { Null: { "s3:if-none-match": "true" } },
      },
    },
  ],
};

let lab: SmallLab;
let s3: S3;
let client: S3Client;

beforeEach(async () => {
  lab = smallLab();
  s3 = createS3({ ...lab, assetFolder: () => "" });
  lab.calls.register(s3.service);
  await create("AWS::S3::Bucket", {
    BucketNamePrefix: "orders-archive",
    BucketNamespace: "account-regional",
    VersioningConfiguration: { Status: "Enabled" },
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 365 } },
    },
  });
  await create("AWS::S3::BucketPolicy", { Bucket: name, PolicyDocument: writtenOnce });
  lab.iam.addPolicy(
    roleArn,
    allow(["s3:PutObject", "s3:GetObject"], `arn:aws:s3:::${name}/orders/*`),
  );
  const { clock, calls } = lab;
  const principal = { kind: "role", arn: roleArn } as const;
  client = new S3Client({
    ...{ region, maxAttempts: 1, credentials: { accessKeyId: "A", secretAccessKey: "s" } },
    requestHandler: sdkRequestHandler({ clock, calls, principal, from: { region } }),
  });
});
afterEach(() => lab.close());

async function create(type: string, properties: { [key: string]: Json }) {
  const model = s3.models[type];
  if (model === undefined) throw new Error(`nobody models ${type}`);
  return await model(resource(type, "Bucket", properties, region));
}

type Put = ConstructorParameters<typeof PutObjectCommand>[0];
const put = (difference: Partial<Put> = {}) =>
  settled(
    lab.clock,
    client.send(
      new PutObjectCommand({
        ...{ Bucket: name, Key: "orders/runs/a b/record.json", Body: "{}", IfNoneMatch: "*" },
        ...difference,
      }),
    ),
  );

/** Without the SDK, which reads an object as a stream. */
const plainGet = (key: string): AwsRequest => ({
  ...{ service: "s3", region, method: "GET", path: `/${name}/${key}`, query: {}, body: "" },
  headers: { host: "127.0.0.1:4566" },
  principal: { kind: "role", arn: roleArn },
  from: { region },
});

test("an object is put once, kept under its key, and locked for the bucket's retention", async () => {
  expect((await put()).VersionId).toMatch(/^[0-9a-f]{32}$/);
  await expect(put({ Body: "other" })).rejects.toMatchObject({
    name: "PreconditionFailed",
    $metadata: { httpStatusCode: 412 },
  });
  const stored = s3.objectsIn(region, name)?.get("orders/runs/a b/record.json");
  expect(stored?.body).toBe("{}");
  expect(stored?.retention?.mode).toBe("GOVERNANCE");
  const days = ((stored?.retention?.until ?? 0) - zero) / 86_400_000;
  expect(Math.round(days)).toBe(365);
  const got = await settled(lab.clock, lab.calls.call(plainGet("orders/runs/a%20b/record.json")));
  expect([got.status, got.body]).toEqual([200, "{}"]);
  expect(got.headers["x-amz-object-lock-mode"]).toBe("GOVERNANCE");
});

test("who leaves the condition out is refused by the bucket's own policy", async () => {
  await expect(put({ IfNoneMatch: undefined })).rejects.toMatchObject({ name: "AccessDenied" });
});

test("what the role's policy doesn't name is denied, and a retention of one's own needs its own action", async () => {
  await expect(put({ Key: "else/record.json" })).rejects.toMatchObject({ name: "AccessDenied" });
  const retention = {
    ObjectLockMode: "GOVERNANCE" as const,
    ObjectLockRetainUntilDate: new Date(zero + 86_400_000),
  };
  await expect(put(retention)).rejects.toThrow("s3:PutObjectRetention");
});

test("a bucket that is not there, and what is not modelled, are said by name", async () => {
  await expect(put({ Bucket: "another" })).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(put({ StorageClass: "GLACIER" })).rejects.toThrow(/not model|NotImplemented/);
  expect(lab.log.events.some(({ kind }) => kind === "not-modelled")).toBe(true);
});

test("Object Lock without versioning is no bucket", async () => {
  const unversioned = create("AWS::S3::Bucket", {
    BucketName: "plain",
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
    },
  });
  await expect(unversioned).rejects.toThrow("Object Lock needs a versioned bucket");
});
