// The website as one Region holds it: a private bucket, the page in it, and a policy that lets the
// one distribution read. After the distribution, whose id the policy names: the other way round the
// two would wait for each other, and the policy would have to let every distribution in.
import { Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketNamespace,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { websiteBucketPrefix } from "../../core/names.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { PageDeployment } from "../constructs/page-deployment.ts";

export interface WebsiteContentStackProps extends StackProps {
  readonly config: Config;
  /** The page's folder; index.html in it is what `/` answers. */
  readonly pageFolder: string;
  readonly distributionId: string;
}

export class WebsiteContentStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WebsiteContentStackProps,
  ) {
    super(scope, id, props);
    const bucket = this.bucket();
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "TheDistributionReads",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudfront.amazonaws.com")],
        actions: ["s3:GetObject"],
        resources: [bucket.arnForObjects("*")],
        conditions: { StringEquals: { "aws:SourceArn": this.distributionArn() } },
      }),
    );
    new PageDeployment(this, "Deployment", props.config, props.pageFolder, bucket);
  }

  private distributionArn(): string {
    const { partition, account } = this;
    const resource = `distribution/${this.props.distributionId}`;
    return `arn:${partition}:cloudfront::${account}:${resource}`;
  }

  /** Retained with its stack: its name is fixed, and the distribution goes on asking for it. */
  private bucket(): Bucket {
    const bucket = new Bucket(this, "Page", {
      bucketNamePrefix: websiteBucketPrefix(this.props.config),
      bucketNamespace: BucketNamespace.ACCOUNT_REGIONAL,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(bucket, "S1", "A public page, read by the distribution alone: no reader to log");
    return bucket;
  }
}
