// The health checks of one Region that can be taken out of service. Each has one job, and only the
// calculated one is on records. Inverted is taken out of the templates: the machine toggles it, and
// a property that a template doesn't carry is one that a deployment doesn't write back.
import { Duration, Tags } from "aws-cdk-lib";
import {
  CfnHealthCheck,
  HealthCheck,
  HealthCheckType,
  type IHealthCheck,
  InsufficientDataHealthStatusEnum,
} from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { ownName } from "../../core/names.ts";
import { type Lever, leverAlarmName } from "./lever-alarms.ts";

export class RegionChecks extends Construct {
  /** Says whether the Region answers, under its own name: never under the shared one. */
  readonly endpoint: IHealthCheck;
  /** The controlled switch: healthy as long as it isn't inverted. */
  readonly switchLever: IHealthCheck;
  /** The drain lever: as its metric says, and as it last said while there is none. */
  readonly drainLever: IHealthCheck;
  /** On the Region's records: healthy while all three are. */
  readonly region: IHealthCheck;

  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    private readonly of: Region,
  ) {
    super(scope, id);
    this.endpoint = this.named("endpoint", this.endpointCheck());
    this.switchLever = this.named(
      "switch",
      this.leverCheck("switch", InsufficientDataHealthStatusEnum.HEALTHY),
    );
    this.drainLever = this.named(
      "drain",
      this.leverCheck("drain", InsufficientDataHealthStatusEnum.LAST_KNOWN_STATUS),
    );
    this.region = this.named("region", this.calculated());
  }

  private endpointCheck(): HealthCheck {
    const { detection } = this.config;
    return new HealthCheck(this, "Endpoint", {
      type: HealthCheckType.HTTPS,
      fqdn: ownName(this.config, this.of),
      port: 443,
      resourcePath: "/health",
      enableSNI: true,
      requestInterval: Duration.seconds(detection.endpointIntervalSeconds),
      failureThreshold: detection.endpointFailures,
    });
  }

  private leverCheck(lever: Lever, silent: InsufficientDataHealthStatusEnum): HealthCheck {
    return new HealthCheck(this, lever === "switch" ? "Switch" : "Drain", {
      type: HealthCheckType.CLOUDWATCH_METRIC,
      alarmIdentifier: {
        name: leverAlarmName(this.config, lever, this.of),
        region: this.config.regions.witness,
      },
      insufficientDataHealthStatus: silent,
    });
  }

  /** Calculated checks can't nest, so its children are the leaves. */
  private calculated(): HealthCheck {
    return new HealthCheck(this, "Region", {
      type: HealthCheckType.CALCULATED,
      childHealthChecks: [this.endpoint, this.switchLever, this.drainLever],
      healthThreshold: 3,
    });
  }

  private named(job: string, check: HealthCheck): HealthCheck {
    const resource = check.node.defaultChild;
    // CDK writes `false` where nothing is said.
    if (resource instanceof CfnHealthCheck) {
      resource.addPropertyDeletionOverride("HealthCheckConfig.Inverted");
    }
    Tags.of(check).add("Name", `${this.config.application}-${job}-${this.of}`);
    return check;
  }
}
