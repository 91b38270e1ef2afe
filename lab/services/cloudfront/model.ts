// A distribution as the edges know it, and what the templates may say of one. A property that would
// change an answer and isn't modelled is refused by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";

const listed = <T extends z.ZodType>(item: T) =>
  z.strictObject({ Items: z.array(item), Quantity: z.number() }).transform(({ Items }) => Items);

const originSchema = z.strictObject({
  Id: z.string(),
  DomainName: z.string(),
  OriginAccessControlId: z.string(),
  S3OriginConfig: z.strictObject({ OriginAccessIdentity: z.literal("").optional() }),
  ConnectionAttempts: z.coerce.number().int().min(1).max(3).default(3),
  ConnectionTimeout: z.coerce.number().int().min(1).max(10).default(10),
});

const groupSchema = z.strictObject({
  Id: z.string(),
  FailoverCriteria: z.strictObject({ StatusCodes: listed(z.number()) }),
  Members: listed(z.strictObject({ OriginId: z.string() })),
});

export const distributionSchema = z.strictObject({
  Tags: z.unknown().optional(),
  DistributionConfig: z.strictObject({
    Enabled: z.literal(true),
    Comment: z.string().optional(),
    Aliases: z.array(z.string()).default([]),
    DefaultRootObject: z.string().default(""),
    Origins: z.array(originSchema),
    OriginGroups: z
      .strictObject({ Items: z.array(groupSchema), Quantity: z.number() })
      .default({ Items: [], Quantity: 0 }),
    DefaultCacheBehavior: z.strictObject({
      TargetOriginId: z.string(),
      AllowedMethods: z.array(z.string()).default(["GET", "HEAD"]),
      ViewerProtocolPolicy: z.enum(["redirect-to-https", "https-only"]),
      ResponseHeadersPolicyId: z.string().optional(),
      // The lab's edges keep nothing and compress nothing.
      CachePolicyId: z.string(),
      Compress: z.boolean().optional(),
    }),
    // Certificates and protocol versions are not modelled.
    ViewerCertificate: z.unknown().optional(),
    HttpVersion: z.string().optional(),
    IPV6Enabled: z.boolean().optional(),
  }),
});

const override = z.strictObject({ Override: z.literal(true) });
export const headersPolicySchema = z.strictObject({
  ResponseHeadersPolicyConfig: z.strictObject({
    Name: z.string(),
    Comment: z.string().optional(),
    SecurityHeadersConfig: z.strictObject({
      ContentSecurityPolicy: override.extend({ ContentSecurityPolicy: z.string() }).optional(),
      ContentTypeOptions: override.optional(),
      FrameOptions: override.extend({ FrameOption: z.enum(["DENY", "SAMEORIGIN"]) }).optional(),
      ReferrerPolicy: override.extend({ ReferrerPolicy: z.string() }).optional(),
      StrictTransportSecurity: override
        .extend({
          AccessControlMaxAgeSec: z.coerce.number(),
          IncludeSubdomains: z.boolean().default(false),
        })
        .optional(),
    }),
  }),
});

export interface Origin {
  readonly bucket: string;
  readonly region: Region;
  readonly connectionAttempts: number;
  readonly connectionTimeoutSeconds: number;
}

export interface Distribution {
  readonly arn: string;
  /** dXXXX.cloudfront.net */
  readonly domainName: string;
  /** Host names that it answers. */
  readonly hosts: readonly string[];
  readonly addresses: { readonly A: readonly string[]; readonly AAAA: readonly string[] };
  readonly rootObject: string;
  readonly methods: readonly string[];
  /** In the order in which they are asked. */
  readonly origins: readonly Origin[];
  /** Answers of an origin after which the next one is asked. */
  readonly failoverStatuses: readonly number[];
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
}
