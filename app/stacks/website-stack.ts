// The website's distribution, its name and its certificate: one distribution for both Regions, with
// an origin group, so that it doesn't die with one bucket. CloudFront and its certificates are
// managed in us-east-1 alone; nothing of a failover calls that, the edges decide by themselves.
// The buckets are known by name: they come later, with a policy that names this distribution.
import { Annotations, Aws, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  type IOrigin,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { OriginGroup, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import {
  type AliasRecordTargetConfig,
  type IAliasRecordTarget,
  RecordSet,
  RecordTarget,
  RecordType,
} from "aws-cdk-lib/aws-route53";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { websiteBucketPrefix, websiteName } from "../../core/names.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { zoneOf } from "../constructs/custom-domains.ts";

/** Where CloudFront looks for certificates; AWS's choice, the same for every application. */
export const websiteRegion = "us-east-1";

// A dead Region's bucket doesn't answer: 2 attempts of 2 s each, then the other Region's is asked.
// CloudFront's defaults would let a visitor wait for 3 of 10 s, for each file.
const connectionAttempts = 2;
const connectionTimeout = Duration.seconds(2);

// A policy that refuses, a deleted object, a bucket that is gone, S3 in trouble.
const failoverStatusCodes = [403, 404, 500, 502, 503, 504];

/** Of every distribution (Route 53 API Reference, AliasTarget). */
const cloudFrontZoneId = "Z2FDTNDATAQYW2";

export interface WebsiteStackProps extends StackProps {
  readonly config: Config;
}

export class WebsiteStack extends Stack {
  readonly distributionId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WebsiteStackProps,
  ) {
    super(scope, id, props);
    const { config } = props;
    const zone = zoneOf(this, config);
    const domainName = websiteName(config);
    const validation = CertificateValidation.fromDns(zone);
    const distribution = new Distribution(this, "Distribution", {
      comment: `${config.application}: the website, from a bucket in each Region`,
      domainNames: [domainName],
      certificate: new Certificate(this, "Certificate", { domainName, validation }),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      defaultRootObject: "index.html",
      defaultBehavior: this.behavior(),
    });
    for (const recordType of [RecordType.A, RecordType.AAAA]) {
      const target = RecordTarget.fromAlias(new DistributionTarget(distribution));
      new RecordSet(this, `Name${recordType}`, {
        zone,
        recordName: `${domainName}.`,
        recordType,
        target,
      });
    }
    this.distributionId = distribution.distributionId;
    this.acknowledgements(distribution);
  }

  private behavior(): BehaviorOptions {
    const { primary, secondary } = this.props.config.regions;
    const originAccessControl = new S3OriginAccessControl(this, "AccessControl");
    const origin = (region: Region) => this.origin(region, originAccessControl);
    return {
      origin: new OriginGroup({
        primaryOrigin: origin(primary),
        fallbackOrigin: origin(secondary),
        fallbackStatusCodes: failoverStatusCodes,
      }),
      // Origin groups serve no method that changes anything.
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      // By path alone; how long is what the objects say.
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: this.headers(),
      compress: true,
    };
  }

  private origin(region: Region, originAccessControl: S3OriginAccessControl): IOrigin {
    const bucketName = `${websiteBucketPrefix(this.props.config)}-${Aws.ACCOUNT_ID}-${region}-an`;
    const bucket = Bucket.fromBucketAttributes(this, `Bucket-${region}`, { bucketName, region });
    return S3BucketOrigin.withOriginAccessControl(bucket, {
      originAccessControl,
      connectionAttempts,
      connectionTimeout,
    });
  }

  private headers(): ResponseHeadersPolicy {
    const always = { override: true };
    return new ResponseHeadersPolicy(this, "Headers", {
      comment: `${this.props.config.application}: what a browser may do with the website`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: this.contentPolicy(), ...always },
        contentTypeOptions: always,
        frameOptions: { frameOption: HeadersFrameOption.DENY, ...always },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, ...always },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          ...always,
        },
      },
    });
  }

  /** The site's own files, and calls of the public name: no Region's own name, no inline script. */
  private contentPolicy(): string {
    return [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src https://${this.props.config.domain.name}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; ");
  }

  private acknowledgements(distribution: Distribution): void {
    acknowledge(distribution, "CFR1", "The sample is for visitors of every country");
    acknowledge(distribution, "CFR2", "A web ACL belongs to the owner; the page is static, public");
    acknowledge(
      distribution,
      "CFR3",
      "Who read a public page is of no use here, and logs would need a bucket of their own",
    );
    Annotations.of(this).acknowledgeWarning(
      "@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac",
      "The buckets' own stacks write their policies",
    );
  }
}

/** CDK's own target looks the zone id up in a mapping of partitions. */
class DistributionTarget implements IAliasRecordTarget {
  constructor(private readonly distribution: Distribution) {}

  bind(): AliasRecordTargetConfig {
    return {
      dnsName: this.distribution.distributionDomainName,
      hostedZoneId: cloudFrontZoneId,
      evaluateTargetHealth: false,
    };
  }
}
