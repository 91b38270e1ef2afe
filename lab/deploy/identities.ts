// IAM resources of the templates: roles, inline and attached policies, and managed policies, which
// stand by themselves: people's roles are made elsewhere, and the templates attach them to nobody.
import type { CreatedResource, DeployedResource, Iam, Json, ResourceModels } from "../kernel.ts";

/** AWS managed policies that functions attach: they allow writing logs, traces and nothing else
 * that the lab models, so they are accepted by name and add no statements. */
const managedWithoutEffect = [
  "service-role/AWSLambdaBasicExecutionRole",
  "AWSXRayDaemonWriteAccess",
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
];

const asList = (value: Json | undefined): Json[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const member = (value: Json, name: string): Json =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value[name] ?? null)
    : null;

/** Documents of the templates' managed policies, by name. */
export type ManagedPolicies = Map<string, Json>;

export function identityModels(
  iam: Iam,
  account: string,
  managedPolicies: ManagedPolicies = new Map(),
): ResourceModels {
  const arnByName = new Map<string, string>();

  function role(resource: DeployedResource): CreatedResource {
    const { properties, stack, logicalId } = resource;
    const name = String(properties.RoleName ?? `${stack}-${logicalId}`);
    const arn = `arn:aws:iam::${account}:role/${name}`;
    for (const managed of asList(properties.ManagedPolicyArns))
      refuseUnknownManaged(String(managed));
    const inline = asList(properties.Policies).map((policy) => member(policy, "PolicyDocument"));
    iam.addRole(arn, inline, properties.AssumeRolePolicyDocument ?? null);
    arnByName.set(name, arn);
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${logicalId}` } };
  }

  function policy(resource: DeployedResource): CreatedResource {
    const { properties, stack, logicalId } = resource;
    for (const name of asList(properties.Roles)) {
      const arn = arnByName.get(String(name));
      if (!arn) throw new Error(`names the role ${String(name)}, which is not in the templates`);
      iam.addPolicy(arn, properties.PolicyDocument ?? null);
    }
    const ref = `arn:aws:iam::${account}:policy/${stack}-${logicalId}`;
    return { ref, attributes: { Id: ref, PolicyArn: ref } };
  }

  function managedPolicy(resource: DeployedResource): CreatedResource {
    const { properties, stack, logicalId } = resource;
    const name = String(properties.ManagedPolicyName ?? `${stack}-${logicalId}`);
    if (managedPolicies.has(name)) throw new Error(`the managed policy ${name} exists already`);
    managedPolicies.set(name, properties.PolicyDocument ?? null);
    const arn = `arn:aws:iam::${account}:policy/${name}`;
    // Attached as an inline one is; Ref is the ARN.
    policy(resource);
    return { ref: arn, attributes: { PolicyArn: arn } };
  }

  return {
    "AWS::IAM::Role": role,
    "AWS::IAM::Policy": policy,
    "AWS::IAM::ManagedPolicy": managedPolicy,
  };
}

function refuseUnknownManaged(arn: string): void {
  if (managedWithoutEffect.some((name) => arn.endsWith(`:aws:policy/${name}`))) return;
  throw new Error(`attaches the managed policy ${arn}, whose statements the lab does not have`);
}
