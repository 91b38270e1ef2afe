// What the templates say of functions and of who may invoke them, parsed.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
import { z } from "zod";
import type { DeployedResource, Json } from "../../kernel.ts";
import { compileBundle, type Evaluate, readBundle } from "./bundle.ts";
import type { FunctionSettings } from "./function.ts";

const functionSchema = z.object({
  FunctionName: z.string().optional(),
  Handler: z.string().default("index.handler"),
  Runtime: z.string().default(""),
  Role: z.string(),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Environment: z
    .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
    .default({ Variables: {} }),
  Code: z.object({ ZipFile: z.string().optional() }).loose(),
});
type FunctionProperties = z.infer<typeof functionSchema>;

export function functionSettings(
  resource: DeployedResource,
  account: string,
  folder: string | null,
): FunctionSettings {
  const { region, stack, logicalId } = resource;
  const properties = functionSchema.parse(resource.properties);
  const name = properties.FunctionName ?? `${stack}-${logicalId}`;
  const [moduleName = "index", handlerName = "handler"] = properties.Handler.split(".");
  return {
    arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    name,
    region,
    roleArn: properties.Role,
    timeoutSeconds: properties.Timeout,
    memoryMegabytes: properties.MemorySize,
    handlerName,
    evaluate: codeOf(properties, moduleName, folder),
    env: properties.Environment.Variables,
  };
}

function codeOf(properties: FunctionProperties, moduleName: string, folder: string | null) {
  if (!properties.Runtime.startsWith("nodejs")) return null;
  const inline = properties.Code.ZipFile;
  if (inline !== undefined) return compileBundle(inline, "index.js");
  return folder === null ? null : onFirstUse(folder, moduleName);
}

/** The bundle is read at once and a missing one is a fault of the deployment, except for CDK's own
 * providers (`__entrypoint__`), which the lab models without running them. */
function onFirstUse(folder: string, moduleName: string): Evaluate | null {
  return moduleName.startsWith("__") ? null : readBundle(folder, moduleName);
}

const permissionSchema = z.object({
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

/** The statement that AddPermission puts into the function's policy. */
export function invokePermission(resource: DeployedResource, functionArn: string): Json {
  const { Action, Principal, SourceArn, SourceAccount } = permissionSchema.parse(
    resource.properties,
  );
  const isService = Principal.endsWith(".amazonaws.com");
  return {
    Sid: resource.logicalId,
    Effect: "Allow",
    Action,
    Resource: functionArn,
    Principal: isService ? { Service: Principal } : { AWS: Principal },
    ...(SourceArn || SourceAccount
      ? {
          Condition: {
            ...(SourceArn ? { ArnLike: { "aws:SourceArn": SourceArn } } : {}),
            ...(SourceAccount ? { StringEquals: { "aws:SourceAccount": SourceAccount } } : {}),
          },
        }
      : {}),
  };
}
