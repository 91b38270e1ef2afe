// Health checks and records, deployed last, from the witness Region: a deployment of routing
// should depend on neither serving Region. What the machine needs of it, the checks' ids, is left
// in a parameter, and reconcile copies them into the control table.
import { Stack, type StackProps } from "aws-cdk-lib";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import type { CheckIds } from "../../core/contracts/records.ts";
import { checksParameterName, leverRegions } from "../../core/names.ts";
import { type CustomDomains, zoneOf } from "../constructs/custom-domains.ts";
import { PeoplePolicies } from "../constructs/people-policies.ts";
import { Records } from "../constructs/records.ts";
import { RegionChecks } from "../constructs/region-checks.ts";

export interface RoutingStackProps extends StackProps {
  readonly config: Config;
  readonly domains: { readonly primary: CustomDomains; readonly secondary: CustomDomains };
}

export class RoutingStack extends Stack {
  constructor(scope: Construct, id: string, props: RoutingStackProps) {
    super(scope, id, props);
    const { config, domains } = props;
    const checks = new Map(
      leverRegions(config).map((of) => [of, new RegionChecks(this, `Checks-${of}`, config, of)]),
    );
    new Records(this, "Records", config, zoneOf(this, config), (region) => {
      const check = checks.get(region)?.region;
      const of = region === config.regions.primary ? domains.primary : domains.secondary;
      return { ...of, ...(check === undefined ? {} : { check }) };
    });
    this.publishIds(config, checks);
    const switches = [...checks.values()].map(({ switchLever }) => switchLever.healthCheckId);
    new PeoplePolicies(this, "People", config, switches);
  }

  private publishIds(config: Config, checks: ReadonlyMap<Region, RegionChecks>): void {
    const ids: CheckIds = Object.fromEntries(
      [...checks].map(([region, made]) => [
        region,
        {
          endpoint: made.endpoint.healthCheckId,
          switch: made.switchLever.healthCheckId,
          drain: made.drainLever.healthCheckId,
          region: made.region.healthCheckId,
        },
      ]),
    );
    new StringParameter(this, "CheckIds", {
      parameterName: checksParameterName(config),
      description: "Ids of the health checks, by Region; read by reconcile",
      stringValue: this.toJsonString(ids),
    });
  }
}
