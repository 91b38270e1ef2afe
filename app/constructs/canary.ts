// The Synthetics canary of one vantage point: it walks the journey in both serving Regions every
// few minutes and keeps what it saw. Independent evidence beside watch, and an alarm a Region.
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Canary, Code, Runtime, Schedule, Test } from "aws-cdk-lib/aws-synthetics";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  canaryAlarmName,
  canaryName,
  canaryVerdictStep,
  servingRegions,
} from "../../core/names.ts";
import type { Bundles } from "../bundles.ts";
import { Access } from "./access.ts";
import { acknowledge, acknowledgeWildcards } from "./acknowledge.ts";
import type { Alarms } from "./alarms.ts";
import { configJson } from "./functions.ts";
import { wildcardReason } from "./wildcard-reasons.ts";

export interface JourneyCanaryProps {
  readonly config: Config;
  readonly region: Region;
  readonly bundles: Bundles;
  readonly alarms: Alarms;
}

/** Synthetics' schedules are whole minutes. */
export function canaryMinutes(config: Config): number {
  return Math.ceil(config.detection.canaryIntervalSeconds / 60);
}

export class JourneyCanary extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: JourneyCanaryProps,
  ) {
    super(scope, id);
    const { config, bundles } = props;
    const artifacts = this.artifacts();
    new Canary(this, "Canary", {
      canaryName: canaryName(config),
      runtime: Runtime.SYNTHETICS_NODEJS_3_1,
      test: Test.custom({ code: Code.fromAsset(bundles.canary), handler: "journey.handler" }),
      schedule: Schedule.rate(Duration.minutes(canaryMinutes(config))),
      timeout: this.timeout(),
      role: this.role(artifacts),
      // By name: the class and its interface differ under exactOptionalPropertyTypes.
      artifactsBucketLocation: {
        bucket: Bucket.fromBucketName(this, "ArtifactsByName", artifacts.bucketName),
      },
      environmentVariables: { SWITCHBACK_CONFIG: configJson(config) },
      // A second try would hide the flapping that the canary is there to show.
      maxRetries: 0,
      successRetentionPeriod: Duration.days(7),
      failureRetentionPeriod: Duration.days(31),
    });
    for (const serving of servingRegions(config)) this.alarm(serving);
  }

  /** Two Regions, one after the other, four steps (six with events) of stepTimeoutSeconds each,
   * 30 s to start; but no longer than the schedule's interval, which Synthetics refuses. */
  private timeout(): Duration {
    const { config } = this.props;
    const steps = config.workloads.includes("events") ? 6 : 4;
    const wanted = Math.ceil(2 * steps * config.detection.stepTimeoutSeconds) + 30;
    return Duration.seconds(Math.min(wanted, canaryMinutes(config) * 60));
  }

  private alarm(serving: Region): void {
    const { config, region, alarms } = this.props;
    alarms.add({
      name: canaryAlarmName(config, serving),
      description:
        `The canary in ${region} found ${serving} failing twice in a row. Missing data is ` +
        "missing: a canary that doesn't run knows nothing, and must neither accuse nor acquit.",
      metric: {
        namespace: "CloudWatchSynthetics",
        metricName: "SuccessPercent",
        dimensionsMap: { CanaryName: canaryName(config), StepName: canaryVerdictStep(serving) },
        statistic: "Average",
        period: Duration.minutes(canaryMinutes(config)),
      },
      threshold: 100,
      below: true,
      periods: 2,
      silenceMeans: TreatMissingData.MISSING,
    });
  }

  /** What runs saw: no customer data, encrypted with S3's own key, gone after a month. */
  private artifacts(): Bucket {
    const bucket = new Bucket(this, "Artifacts", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(31) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(bucket, "S1", "Artifacts of our own canary; who read them is in CloudTrail");
    return bucket;
  }

  private role(artifacts: Bucket): Role {
    const walk = new Access(this, this.props.config, this.props.region).walk();
    const keep = this.keep(artifacts);
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: "The journey canary: walks the journey, keeps what it saw",
      inlinePolicies: { access: new PolicyDocument({ statements: [walk, ...keep] }) },
    });
    acknowledgeWildcards(role, [walk], wildcardReason);
    acknowledgeWildcards(role, keep, (resource) =>
      resource === "*"
        ? "PutMetricData is limited to one namespace; ListAllMyBuckets knows no resources"
        : "Synthetics names the log group after an id, and each artifact after its run",
    );
    return role;
  }

  /** What Synthetics documents for a canary's role, on this canary's things. */
  private keep(artifacts: Bucket): PolicyStatement[] {
    const { partition, region, account } = Stack.of(this);
    const metrics = allow(["cloudwatch:PutMetricData"], ["*"]);
    metrics.addCondition("StringEquals", { "cloudwatch:namespace": "CloudWatchSynthetics" });
    const logGroup = `log-group:/aws/lambda/cwsyn-${canaryName(this.props.config)}-*`;
    return [
      metrics,
      allow(["s3:PutObject"], [artifacts.arnForObjects("*")]),
      allow(["s3:GetBucketLocation"], [artifacts.bucketArn]),
      allow(["s3:ListAllMyBuckets"], ["*"]),
      allow(
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        [`arn:${partition}:logs:${region}:${account}:${logGroup}`],
      ),
    ];
  }
}

function allow(actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
