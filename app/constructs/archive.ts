// Copies of ledgers and bundles that outlive Step Functions' 90 days, one bucket in each serving
// Region, so that neither needs the other. Object Lock in governance mode: nobody deletes before
// the retention is over but with a permission that no policy here gives. Written once: whoever
// puts without the condition is refused.
import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketNamespace,
  ObjectLockRetention,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { archiveBucketName, archiveBucketPrefix } from "../../core/names.ts";
import { acknowledge } from "./acknowledge.ts";

export class Archive extends Construct {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const retention = Duration.days(config.archive.retentionDays);
    const bucket = new Bucket(this, "Bucket", {
      bucketNamePrefix: archiveBucketPrefix(config),
      bucketNamespace: BucketNamespace.ACCOUNT_REGIONAL,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(retention),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "WrittenOnce",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["s3:PutObject"],
        resources: [bucket.arnForObjects("*")],
        conditions: { Null: { "s3:if-none-match": "true" } },
      }),
    );
    acknowledge(
      bucket,
      "S1",
      "CloudTrail's data events tell who read or wrote an object, with identities that server " +
        "access logs lack; a second bucket for logs would need the same lock",
    );
  }
}

/** By name: roles of one stack name buckets of others. */
export function archiveBucketArn({ partition, account }: Stack, config: Config, region: Region) {
  return `arn:${partition}:s3:::${archiveBucketName(config, region, account)}`;
}
