// The CDK app. Runs under the CDK command line and by itself (`npm run synth`), offline both ways.
// The only file of the app that reads the environment:
//   SWITCHBACK_CONFIG_FILE        the configuration (default: switchback.config.json)
//   CDK_OUTDIR, SWITCHBACK_OUTDIR output folder (default: cdk.out)
//   CDK_DEFAULT_ACCOUNT           account to synthesize for (default: any)
//   CDK_VALIDATION=false          leaves cdk-nag and CDK's own template validation out: three
//                                 seconds less, for a lab that synthesizes again and again
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { faultLine, parseConfig } from "../core/config/load.ts";
import { bundle, projectFolder } from "./bundles.ts";
import { buildApp } from "./synthesis.ts";

const { env } = process;
const file = env.SWITCHBACK_CONFIG_FILE ?? join(projectFolder, "switchback.config.json");
const outputFolder = resolve(env.CDK_OUTDIR ?? env.SWITCHBACK_OUTDIR ?? "cdk.out");

const parsed = parseConfig(readFileSync(file, "utf8"));
if (parsed.ok) {
  for (const warning of parsed.warnings) console.error(`warning: ${faultLine(warning)}`);
  const account = env.CDK_DEFAULT_ACCOUNT;
  const app = buildApp({
    config: parsed.config,
    bundles: await bundle(join(outputFolder, "bundles")),
    outputFolder,
    validate: env.CDK_VALIDATION !== "false",
    ...(account === undefined ? {} : { account }),
  });
  app.synth();
} else {
  console.error(`${file} is refused:`);
  for (const fault of parsed.faults) console.error(`  ${faultLine(fault)}`);
  process.exitCode = 2;
}
