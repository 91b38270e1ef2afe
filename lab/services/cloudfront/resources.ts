// The CloudFormation types of CloudFront that the app uses, as distributions at the edges.
import { z } from "zod";
import type { CreatedResource, DeployedResource, Lab, ResourceModels } from "../../kernel.ts";
import {
  type Distribution,
  distributionSchema,
  headersPolicySchema,
  type Origin,
} from "./model.ts";

type DistributionConfig = z.output<typeof distributionSchema>["DistributionConfig"];
type Headers = Readonly<Record<string, string>>;

const accessControlSchema = z.strictObject({
  OriginAccessControlConfig: z.strictObject({
    Name: z.string(),
    OriginAccessControlOriginType: z.literal("s3"),
    SigningBehavior: z.literal("always"),
    SigningProtocol: z.literal("sigv4"),
  }),
});

export interface CloudFrontModelPorts extends Pick<Lab, "account" | "random"> {
  onDistribution(distribution: Distribution): void;
}

export function cloudFrontModels(ports: CloudFrontModelPorts): ResourceModels {
  const policies = new Map<string, Headers>();
  let count = 0;
  return {
    "AWS::CloudFront::OriginAccessControl": (resource) => {
      accessControlSchema.parse(resource.properties);
      return made(`E${ports.random.hex("cloudfront", 13).toUpperCase()}`);
    },
    "AWS::CloudFront::ResponseHeadersPolicy": (resource) => {
      const id = ports.random.uuid("cloudfront");
      policies.set(id, headersOf(resource));
      return made(id);
    },
    "AWS::CloudFront::Distribution": (resource) => {
      count += 1;
      const distribution = distributionOf(resource, count, policies, ports);
      ports.onDistribution(distribution);
      const id = distribution.arn.split("/").at(-1) ?? "";
      return made(id, { DomainName: distribution.domainName });
    },
  };
}

const made = (id: string, more: CreatedResource["attributes"] = {}): CreatedResource => ({
  ref: id,
  attributes: { Id: id, ...more },
});

/** Addresses are of the range for benchmarks and documentation (RFC 2544, RFC 3849). */
function distributionOf(
  resource: DeployedResource,
  number: number,
  policies: ReadonlyMap<string, Headers>,
  { account, random }: CloudFrontModelPorts,
): Distribution {
  const { DistributionConfig: given } = distributionSchema.parse(resource.properties);
  const { TargetOriginId, AllowedMethods, ResponseHeadersPolicyId } = given.DefaultCacheBehavior;
  const domainName = `d${random.hex("cloudfront", 13)}.cloudfront.net`;
  const id = `E${random.hex("cloudfront", 13).toUpperCase()}`;
  const group = given.OriginGroups.Items.find(({ Id }) => Id === TargetOriginId);
  const originIds = group?.Members.map(({ OriginId }) => OriginId) ?? [TargetOriginId];
  const headers = policies.get(ResponseHeadersPolicyId ?? "");
  if (ResponseHeadersPolicyId !== undefined && headers === undefined) {
    throw new Error(`there is no response headers policy ${ResponseHeadersPolicyId}`);
  }
  return {
    arn: `arn:aws:cloudfront::${account}:distribution/${id}`,
    domainName,
    hosts: [domainName, ...given.Aliases],
    addresses: { A: [`198.19.0.${number}`], AAAA: [`2001:db8:1::${number.toString(16)}`] },
    rootObject: given.DefaultRootObject,
    methods: AllowedMethods,
    origins: originIds.map((each) => originOf(given, each)),
    failoverStatuses: group?.FailoverCriteria.StatusCodes ?? [],
    headers: headers ?? {},
  };
}

function originOf(given: DistributionConfig, id: string): Origin {
  const origin = given.Origins.find(({ Id }) => Id === id);
  if (origin === undefined) throw new Error(`there is no origin ${id}`);
  const pattern = /^([a-z0-9.-]+)\.s3\.([a-z0-9-]+)\.amazonaws\.com$/;
  const [, bucket, region] = pattern.exec(origin.DomainName) ?? [];
  if (bucket === undefined || region === undefined) {
    throw new Error(`${origin.DomainName} is no bucket's regional domain name`);
  }
  return {
    bucket,
    region,
    connectionAttempts: origin.ConnectionAttempts,
    connectionTimeoutSeconds: origin.ConnectionTimeout,
  };
}

function headersOf(resource: DeployedResource): Headers {
  const { ResponseHeadersPolicyConfig: given } = headersPolicySchema.parse(resource.properties);
  const {
    ContentSecurityPolicy: content,
    ContentTypeOptions: types,
    FrameOptions: frames,
    ReferrerPolicy: referrer,
    StrictTransportSecurity: transport,
  } = given.SecurityHeadersConfig;
  const below = transport?.IncludeSubdomains === true ? "; includeSubDomains" : "";
  return {
    ...(content && { "content-security-policy": content.ContentSecurityPolicy }),
    ...(types && { "x-content-type-options": "nosniff" }),
    ...(frames && { "x-frame-options": frames.FrameOption }),
    ...(referrer && { "referrer-policy": referrer.ReferrerPolicy }),
    ...(transport && {
      "strict-transport-security": `max-age=${transport.AccessControlMaxAgeSec}${below}`,
    }),
  };
}
