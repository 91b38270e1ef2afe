// An application in two Regions, and what moves it: five stacks in three Regions, and a sixth where
// AWS Health delivers its copies elsewhere. The stacks stand beside this construct, in its scope,
// and not below it: CDK puts a hash into the name of a nested one, and `cdk deploy APP-primary` is
// what an operator types.
import { type Stack, Tags } from "aws-cdk-lib";
import { Construct } from "constructs";
import { healthRelayRegion } from "../core/config/regions.ts";
import type { Config, Region } from "../core/config/schema.ts";
import type { ApiDefinition } from "./api-definition.ts";
import type { Bundles } from "./bundles.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { HealthRelayStack } from "./stacks/health-relay-stack.ts";
import { RegionStack } from "./stacks/region-stack.ts";
import { RoutingStack } from "./stacks/routing-stack.ts";
import { websiteStacks } from "./stacks/website-stacks.ts";
import { WitnessStack } from "./stacks/witness-stack.ts";
import { tagsOf } from "./tags.ts";

export interface RegionalApplicationProps {
  readonly config: Config;
  /** The functions behind the public name. */
  readonly api: ApiDefinition;
  /** Of `bundle`, with the API's entry among them. */
  readonly bundles: Bundles;
  /** Folder of the website's page, with `frontend: true`. Default: the sample's. */
  readonly pageFolder?: string;
  /** Absent: the templates name no account, and deploy to whichever is used. */
  readonly account?: string;
}

export class RegionalApplication extends Construct {
  readonly data: DataStack;
  readonly primary: RegionStack;
  readonly secondary: RegionStack;
  readonly witness: WitnessStack;
  readonly routing: RoutingStack;
  /** Null: the Regions that serve are each other's backup. */
  readonly healthRelay: HealthRelayStack | null;
  /** Three with `frontend: true`, else none. */
  readonly website: readonly Stack[];

  constructor(
    private readonly outer: Construct,
    id: string,
    private readonly props: RegionalApplicationProps,
  ) {
    super(outer, id);
    const { config } = props;
    const { primary, secondary, witness } = config.regions;
    this.data = new DataStack(outer, this.nameOf("data"), this.stackProps(primary));
    this.primary = this.serving("primary", primary);
    this.secondary = this.serving("secondary", secondary);
    this.witness = new WitnessStack(outer, this.nameOf("witness"), this.stackProps(witness));
    this.witness.addStackDependency(this.data, "watch writes its views to the control table");
    const domains = { primary: this.primary.domains, secondary: this.secondary.domains };
    this.routing = new RoutingStack(outer, this.nameOf("routing"), {
      ...this.stackProps(witness),
      domains,
    });
    this.routing.addStackDependency(this.witness, "health checks read its alarms");
    this.healthRelay = this.relay();
    this.website = this.site();
    for (const stack of this.stacks()) tag(stack, config);
  }

  stacks(): Stack[] {
    const always = [this.data, this.primary, this.secondary, this.witness, this.routing];
    const relay = this.healthRelay === null ? [] : [this.healthRelay];
    return [...always, ...relay, ...this.website];
  }

  private site(): Stack[] {
    const { config, pageFolder } = this.props;
    return websiteStacks(this.outer, {
      config,
      pageFolder,
      after: this.routing,
      nameOf: (part) => this.nameOf(part),
      stackProps: (region) => this.stackProps(region),
    });
  }

  private relay(): HealthRelayStack | null {
    const backupRegion = healthRelayRegion(this.props.config);
    if (backupRegion === null) return null;
    const props = { ...this.stackProps(backupRegion), backupRegion };
    return new HealthRelayStack(this.outer, this.nameOf("health-relay"), props);
  }

  private serving(part: string, servingRegion: Region): RegionStack {
    const { api } = this.props;
    const props = { ...this.stackProps(servingRegion), servingRegion, api };
    const stack = new RegionStack(this.outer, this.nameOf(part), props);
    stack.addStackDependency(this.data, "functions use the tables");
    return stack;
  }

  private stackProps(region: Region) {
    const { config, bundles, account } = this.props;
    return {
      config,
      bundles,
      env: account === undefined ? { region } : { region, account },
      // Deleting any of them takes the application's Region or its way out of one away.
      terminationProtection: true,
      crossRegionReferences: true,
    };
  }

  private nameOf(part: string): string {
    return `${this.props.config.application}-${part}`;
  }
}

function tag(stack: Stack, config: Config): void {
  for (const [key, value] of Object.entries(tagsOf(config))) Tags.of(stack).add(key, value);
}
