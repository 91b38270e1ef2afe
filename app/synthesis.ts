// Builds the app around one application. Everything it depends on is an argument, so that tests
// build it beside each other.
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { ApiDefinition } from "./api-definition.ts";
import { ordersApi } from "./orders-api.ts";
import { RegionalApplication, type RegionalApplicationProps } from "./regional-application.ts";

export interface SynthesisProps extends Omit<RegionalApplicationProps, "api"> {
  /** Default: the sample's. */
  readonly api?: ApiDefinition;
  /** Where the cloud assembly goes; absent: a temporary folder. */
  readonly outputFolder?: string;
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
  const { outputFolder, validate, api = ordersApi, ...rest } = props;
  const app = createApp({
    ...(outputFolder === undefined ? {} : { outputFolder }),
    ...(validate === undefined ? {} : { validate }),
  });
  new RegionalApplication(app, "Application", { ...rest, api });
  return app;
}

/** With the settings that the templates rest on. */
export function createApp(props: Pick<SynthesisProps, "outputFolder" | "validate">): App {
  const app = new App({
    ...(props.outputFolder === undefined ? {} : { outdir: props.outputFolder }),
    analyticsReporting: false,
    treeMetadata: false,
    context,
  });
  if (props.validate ?? true) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
