// Builds the app: which stacks, where, in which order. Everything it depends on is an argument, so
// that tests build it beside each other.
import { App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Config, Region } from "../core/config/schema.ts";
import type { Bundles } from "./bundles.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { RegionStack } from "./stacks/region-stack.ts";
import { RoutingStack } from "./stacks/routing-stack.ts";
import { WitnessStack } from "./stacks/witness-stack.ts";

export interface SynthesisProps {
  readonly config: Config;
  readonly bundles: Bundles;
  /** Where the cloud assembly goes; absent: a temporary folder. */
  readonly outputFolder?: string;
  /** Absent: the templates name no account, and deploy to whichever is used. */
  readonly account?: string;
  /** Default true: cdk-nag, and CloudFormation's schemas over every template. */
  readonly validate?: boolean;
}

// Set here and not in cdk.json, so that the app synthesizes to the same bytes with and without the
// CDK command line.
const context = {
  // A Region's domain name can't be removed or renamed while records point at it.
  "@aws-cdk/core:defaultCrossStackReferences": "strong",
  // A template that CloudFormation's schemas refuse is no synthesis.
  "@aws-cdk/core:validateAgainstDefaultRules": true,
  "@aws-cdk/aws-iam:minimizePolicies": true,
  "@aws-cdk/core:target-partitions": ["aws"],
  "@aws-cdk/aws-lambda:useCdkManagedLogGroup": true,
  "@aws-cdk/aws-apigateway:disableCloudWatchRole": true,
  "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2": true,
};

export function buildApp(props: SynthesisProps): App {
  const validate = props.validate ?? true;
  const app = new App({
    ...(props.outputFolder === undefined ? {} : { outdir: props.outputFolder }),
    analyticsReporting: false,
    treeMetadata: false,
    context,
  });
  const { config, bundles } = props;
  const { primary, secondary, witness } = config.regions;
  const common = (region: Region) => ({
    config,
    bundles,
    env: props.account === undefined ? { region } : { region, account: props.account },
    // Deleting any of them takes the application's Region or its way out of one away.
    terminationProtection: true,
    crossRegionReferences: true,
  });
  const name = (part: string) => `${config.application}-${part}`;
  const data = new DataStack(app, name("data"), common(primary));
  const region = (part: string, servingRegion: Region) => {
    const stack = new RegionStack(app, name(part), { ...common(servingRegion), servingRegion });
    stack.addStackDependency(data, "functions use the tables");
    return stack;
  };
  const primaryStack = region("primary", primary);
  const secondaryStack = region("secondary", secondary);
  const witnessStack = new WitnessStack(app, name("witness"), common(witness));
  witnessStack.addStackDependency(data, "watch writes its views to the control table");
  const domains = { primary: primaryStack.domains, secondary: secondaryStack.domains };
  const routing = new RoutingStack(app, name("routing"), { ...common(witness), domains });
  routing.addStackDependency(witnessStack, "health checks read its alarms");
  Tags.of(app).add("application", config.application);
  Tags.of(app).add("managed-by", "switchback");
  if (validate) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
