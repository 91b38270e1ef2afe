// Runs a CDK app of one application, under the CDK command line and by itself, offline both ways.
// The only file of the app that reads the environment:
//   SWITCHBACK_CONFIG_FILE        the configuration (default: the caller's)
//   CDK_OUTDIR, SWITCHBACK_OUTDIR output folder (default: cdk.out)
//   CDK_DEFAULT_ACCOUNT           account to synthesize for (default: any)
//   CDK_VALIDATION=false          leaves cdk-nag and CDK's own template validation out: three
//                                 seconds less, for a lab that synthesizes again and again
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { App } from "aws-cdk-lib";
import { faultLine, parseConfig } from "../core/config/load.ts";
import type { ApiDefinition } from "./api-definition.ts";
import { bundle } from "./bundles.ts";
import type { RegionalApplicationProps } from "./regional-application.ts";
import { createApp } from "./synthesis.ts";

/** A configuration that is refused is printed, fault by fault, and ends with exit status 2. */
export async function runApp(
  configFile: string,
  api: ApiDefinition,
  build: (app: App, props: RegionalApplicationProps) => void,
): Promise<void> {
  const { env } = process;
  const file = env.SWITCHBACK_CONFIG_FILE ?? configFile;
  const outputFolder = resolve(env.CDK_OUTDIR ?? env.SWITCHBACK_OUTDIR ?? "cdk.out");
  const parsed = parseConfig(readFileSync(file, "utf8"));
  if (!parsed.ok) {
    console.error(`${file} is refused:`);
    for (const fault of parsed.faults) console.error(`  ${faultLine(fault)}`);
    process.exitCode = 2;
    return;
  }
  for (const warning of parsed.warnings) console.error(`warning: ${faultLine(warning)}`);
  const account = env.CDK_DEFAULT_ACCOUNT;
  const app = createApp({ outputFolder, validate: env.CDK_VALIDATION !== "false" });
  build(app, {
    config: parsed.config,
    api,
    bundles: await bundle(join(outputFolder, "bundles"), api),
    ...(account === undefined ? {} : { account }),
  });
  app.synth();
  // Where nobody named a folder somebody sits at a terminal, and silence would tell nothing.
  if (env.CDK_OUTDIR ?? env.SWITCHBACK_OUTDIR) return;
  console.error(`${parsed.config.application}: accepted and synthesized into ${outputFolder}`);
}
