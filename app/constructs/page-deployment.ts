// Puts the page into a Region's bucket when the stack is deployed: CDK's own custom resource, whose
// function unpacks the assets, removes what is no longer part of the page, and does nothing else
// afterwards. Its permissions are CDK's; what they leave open is acknowledged one by one.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct, type IConstruct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { acknowledge, acknowledgeWildcard } from "./acknowledge.ts";

/** How long an edge answers from its own copy: a new page shows after it, with nothing to
 * invalidate. While no bucket answers, the old copy serves for a day. */
const freshFor = Duration.minutes(1);
const staleFor = Duration.days(1);

export class PageDeployment extends Construct {
  constructor(scope: Construct, id: string, config: Config, pageFolder: string, bucket: Bucket) {
    super(scope, id);
    // By name: the class and its interface differ under exactOptionalPropertyTypes.
    const destinationBucket = Bucket.fromBucketName(this, "BucketByName", bucket.bucketName);
    const apiUrl = JSON.stringify(`https://${config.domain.name}`);
    const deployment = new BucketDeployment(this, "Page", {
      sources: [
        Source.asset(pageFolder),
        // What differs between installations, as a module beside the page's own.
        Source.data("config.js", `export const apiUrl = ${apiUrl};\n`),
      ],
      destinationBucket,
      cacheControl: [
        CacheControl.setPublic(),
        CacheControl.maxAge(freshFor),
        CacheControl.staleIfError(staleFor),
      ],
      logGroup: new LogGroup(this, "Log", {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    const { handlerRole } = deployment;
    const handler = handlerRole.node.scope ?? this;
    acknowledge(handler, "L1", "CDK chooses the runtime of its own function");
    this.acknowledgePolicies(handlerRole, destinationBucket.arnForObjects("*"));
  }

  private acknowledgePolicies(role: IConstruct, files: string): void {
    const { region } = Stack.of(this);
    const logs = "arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    acknowledge(role, `IAM4[Policy::${logs}]`, "AWS's own policy for a function's log stream");
    const assets = `arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${region}/*`;
    acknowledge(role, `IAM5[Resource::${assets}]`, "The stack's assets, in CDK's own bucket");
    acknowledgeWildcard(role, files, "The page's files, in its one bucket");
    const ofGrants = "How CDK grants reading, writing and deleting, on these two buckets alone";
    for (const action of ["GetBucket*", "GetObject*", "List*", "Abort*", "DeleteObject*"]) {
      acknowledge(role, `IAM5[Action::s3:${action}]`, ofGrants);
    }
  }
}
