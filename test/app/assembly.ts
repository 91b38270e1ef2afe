// The app, synthesized for a test: with bundles that hold nothing, since templates don't depend on
// what is in them, and without the validation that one test runs on its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import type { CloudAssembly } from "aws-cdk-lib/cx-api";
import { z } from "zod";
import type { ApiDefinition } from "../../app/api-definition.ts";
import type { Bundles } from "../../app/bundles.ts";
import { functionCatalogue } from "../../app/constructs/function-catalogue.ts";
import { ordersApi } from "../../app/orders-api.ts";
import { buildApp } from "../../app/synthesis.ts";
import { type Config, configSchema } from "../../core/config/schema.ts";

export const base = {
  application: "orders",
  domain: {
    name: "api.example.com",
    hostedZoneName: "example.com",
    hostedZoneId: "Z0123456789EXAMPLE",
  },
  regions: { primary: "us-east-1", secondary: "us-west-2", witness: "us-east-2" },
};

export interface Synthesized {
  readonly assembly: CloudAssembly;
  /** Every stack's, by the stack's name. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly data: Template;
  readonly primary: Template;
  readonly secondary: Template;
  readonly witness: Template;
  readonly routing: Template;
}

/** Synthesizes, reads every template and removes the folder again. */
export function synthesize(
  difference: object = {},
  options: { account?: string; validate?: boolean; api?: ApiDefinition } = {},
): Synthesized {
  const { api = ordersApi, ...rest } = options;
  const config: Config = configSchema.parse({ ...base, ...difference });
  const folder = mkdtempSync(join(tmpdir(), "switchback-test-"));
  try {
    const outputFolder = join(folder, "cdk.out");
    const bundles = emptyBundles(join(folder, "bundles"), api.functionName);
    const app = buildApp({ config, api, bundles, outputFolder, validate: false, ...rest });
    const assembly = app.synth();
    const templates = new Map(
      assembly.stacks.map((stack) => [
        stack.stackName,
        Template.fromJSON(z.record(z.string(), z.unknown()).parse(stack.template)),
      ]),
    );
    const template = (part: string) => {
      const found = templates.get(`${config.application}-${part}`);
      if (found === undefined) throw new Error(`there is no stack ${part}`);
      return found;
    };
    return {
      assembly,
      templates,
      data: template("data"),
      primary: template("primary"),
      secondary: template("secondary"),
      witness: template("witness"),
      routing: template("routing"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function emptyBundles(folder: string, apiName: string): Bundles {
  const write = (file: string) => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `exports.of = ${JSON.stringify(file)};\n`);
  };
  for (const name of [...Object.keys(functionCatalogue), apiName]) write(`${name}/index.js`);
  write("canary/nodejs/node_modules/journey.js");
  return { folderOf: (name) => join(folder, name), canary: join(folder, "canary") };
}
