import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpResponse, Json } from "../../../../lab/kernel.ts";
import { createCloudFront } from "../../../../lab/services/cloudfront/cloudfront.ts";
import { createS3, type S3 } from "../../../../lab/services/s3/s3.ts";
import { account, outcome, resource, type SmallLab, smallLab } from "../../small-lab.ts";

let lab: SmallLab;
let s3: S3;
let folder: string;
let address: string;
let distributionArn: string;
const regions = ["us-east-1", "us-west-2"];
const bucketIn = (region: string) => `page-${account}-${region}-an`;

beforeEach(async () => {
  lab = smallLab();
  folder = mkdtempSync(join(tmpdir(), "page-"));
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "index.html"), "<h1>Orders</h1>");
  writeFileSync(join(folder, "deep", "app.js"), "start();");
  s3 = createS3({ ...lab, assetFolder: () => folder });
  await deploy();
});
afterEach(() => {
  lab.close();
  rmSync(folder, { recursive: true });
});

async function create(
  models: S3["models"],
  type: string,
  properties: { [key: string]: Json },
  region = "us-east-1",
) {
  const model = models[type];
  if (model === undefined) throw new Error(`no model of ${type}`);
  return await model(resource(type, type.replaceAll(":", ""), properties, region));
}

const listed = (...Items: Json[]): Json => ({ Items, Quantity: Items.length });

function distributionConfig(accessControl: string, headers: string): { [key: string]: Json } {
  return {
    Enabled: true,
    Aliases: ["www.example.com"],
    DefaultRootObject: "index.html",
    Origins: regions.map((region) => ({
      Id: region,
      DomainName: `${bucketIn(region)}.s3.${region}.amazonaws.com`,
      OriginAccessControlId: accessControl,
      S3OriginConfig: { OriginAccessIdentity: "" },
      ConnectionAttempts: 2,
      ConnectionTimeout: 2,
    })),
    OriginGroups: listed({
      Id: "group",
      FailoverCriteria: { StatusCodes: listed(403, 404, 500) },
      Members: listed(...regions.map((OriginId) => ({ OriginId }))),
    }),
    DefaultCacheBehavior: {
      TargetOriginId: "group",
      AllowedMethods: ["GET", "HEAD"],
      ViewerProtocolPolicy: "redirect-to-https",
      CachePolicyId: "optimized",
      ResponseHeadersPolicyId: headers,
    },
  };
}

async function deploy() {
  const { models, addresses } = createCloudFront({ lab: lab.lab, s3 });
  const control = await create(models, "AWS::CloudFront::OriginAccessControl", {
    OriginAccessControlConfig: {
      ...{ Name: "page", OriginAccessControlOriginType: "s3" },
      ...{ SigningBehavior: "always", SigningProtocol: "sigv4" },
    },
  });
  const headers = await create(models, "AWS::CloudFront::ResponseHeadersPolicy", {
    ResponseHeadersPolicyConfig: {
      Name: "page",
      SecurityHeadersConfig: { FrameOptions: { FrameOption: "DENY", Override: true } },
    },
  });
  const made = await create(models, "AWS::CloudFront::Distribution", {
    DistributionConfig: distributionConfig(control.ref, headers.ref),
  });
  distributionArn = `arn:aws:cloudfront::${account}:distribution/${made.ref}`;
  [address = ""] = addresses(String(made.attributes.DomainName), "A");
  for (const region of regions) await deployBucket(region, distributionArn);
}

async function deployBucket(region: string, reader: string) {
  const names = { BucketNamePrefix: "page", BucketNamespace: "account-regional" };
  const { ref } = await create(s3.models, "AWS::S3::Bucket", names, region);
  await allowOnly(region, reader);
  const source = { SourceBucketNames: ["assets"], SourceObjectKeys: ["hash.zip"] };
  const SystemMetadata = { "cache-control": "public, max-age=60" };
  await create(
    s3.models,
    "Custom::CDKBucketDeployment",
    { ...source, ServiceToken: "arn", DestinationBucketName: ref, SystemMetadata },
    region,
  );
}

async function allowOnly(region: string, reader: string) {
  const Resource = `arn:aws:s3:::${bucketIn(region)}/*`;
  const Statement = [
    {
      ...{ Effect: "Deny", Principal: { AWS: "*" }, Action: "s3:*", Resource },
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      ...{ Effect: "Allow", Action: "s3:GetObject", Resource },
      Principal: { Service: "cloudfront.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceArn": reader } },
    },
  ];
  const PolicyDocument = { Version: "2012-10-17", Statement };
  const given = { Bucket: bucketIn(region), PolicyDocument };
  await create(s3.models, "AWS::S3::BucketPolicy", given, region);
}

interface Seen {
  readonly response: HttpResponse;
  readonly seconds: number;
  /** Which origins answered what, in order. */
  readonly fetched: string[];
}

async function get(path: string, more: { host?: string; method?: string } = {}): Promise<Seen> {
  const before = lab.log.events.length;
  const startedAt = lab.clock.now();
  let seen: { response: HttpResponse; seconds: number } | null = null;
  const request = {
    method: "GET",
    host: "www.example.com",
    path,
    query: {},
    headers: {},
    body: "",
  };
  const asked = lab.web
    .exchange({ internet: "eu-west-1" }, address, { ...request, ...more })
    .then((response) => {
      seen = { response, seconds: (lab.clock.now() - startedAt) / 1000 };
    });
  await outcome(lab, asked, 60);
  const fetched = lab.log.events
    .slice(before)
    .filter(({ kind }) => kind === "edge-fetch")
    .map(({ region, detail }) => `${region} ${detail.status}`);
  if (seen === null) throw new Error("the edge is silent");
  return Object.assign(seen as { response: HttpResponse; seconds: number }, { fetched });
}

describe("A distribution", () => {
  it("answers the root object at /, with the policy's headers, from the first origin.", async () => {
    const { response, fetched } = await get("/");
    expect(response).toMatchObject({
      status: 200,
      headers: {
        "content-type": "text/html",
        "cache-control": "public, max-age=60",
        "x-frame-options": "DENY",
      },
      body: "<h1>Orders</h1>",
    });
    expect(fetched).toEqual(["us-east-1 200"]);
  });

  it("answers files in folders, and HEAD without them.", async () => {
    expect((await get("/deep/app.js")).response).toMatchObject({ status: 200, body: "start();" });
    const { response } = await get("/deep/app.js", { method: "HEAD" });
    expect(response).toMatchObject({ status: 200, body: "" });
  });

  it("asks the next origin when a bucket is gone, for this request alone.", async () => {
    s3.deleteBucket("us-east-1", bucketIn("us-east-1"));
    expect((await get("/")).fetched).toEqual(["us-east-1 404", "us-west-2 200"]);
    await deployBucket("us-east-1", distributionArn);
    expect((await get("/")).fetched).toEqual(["us-east-1 200"]);
  });

  it("waits for a dead Region's bucket as long as its origin says, then asks on.", async () => {
    lab.network.setDown("us-east-1", true);
    const { response, seconds, fetched } = await get("/");
    expect(response.status).toBe(200);
    expect(fetched).toEqual(["us-east-1 null", "us-west-2 200"]);
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(5);
  });

  it("says 504 when no origin can be reached.", async () => {
    for (const region of regions) lab.network.setDown(region, true);
    expect((await get("/")).response.status).toBe(504);
  });

  it("may not read a bucket whose policy names another one.", async () => {
    await allowOnly("us-east-1", `arn:aws:cloudfront::${account}:distribution/EOTHER`);
    expect((await get("/")).fetched).toEqual(["us-east-1 403", "us-west-2 200"]);
  });

  it("isn't told what is missing in a bucket that it may not list.", async () => {
    const { response, fetched } = await get("/missing.js");
    expect(response.status).toBe(403);
    expect(fetched).toEqual(["us-east-1 403", "us-west-2 403"]);
  });

  it("refuses names that aren't its own, and methods that it doesn't take.", async () => {
    expect((await get("/", { host: "www.example.org" })).response.status).toBe(403);
    const { response, fetched } = await get("/", { method: "POST" });
    expect(response.status).toBe(403);
    expect(fetched).toEqual([]);
  });

  it("that asks for what isn't modelled is refused by name.", async () => {
    const { models } = createCloudFront({ lab: lab.lab, s3 });
    const made = create(models, "AWS::CloudFront::Distribution", {
      DistributionConfig: { ...distributionConfig("", ""), DefaultRootObject: "", Logging: {} },
    });
    await expect(made).rejects.toThrow("Logging");
  });
});
