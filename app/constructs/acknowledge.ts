// Answers to cdk-nag, each to one finding on one construct, with its reason. A finding that nobody
// answered stops the synthesis.
import {
  CfnElement,
  type IResolvable,
  Reference,
  Stack,
  Tokenization,
  Validations,
} from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";

export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** One resource with a wildcard, in a policy of that construct. */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  acknowledge(construct, `IAM5[Resource::${asNagSpells(construct, resource)}]`, reason);
}

/** Every wildcard of the statements; throws for one that `reasonOf` has no reason for. */
export function acknowledgeWildcards(
  construct: IConstruct,
  statements: readonly PolicyStatement[],
  reasonOf: (resource: string) => string,
): void {
  const wild = statements.flatMap((statement) => statement.resources).filter(hasWildcard);
  for (const resource of new Set(wild)) {
    acknowledgeWildcard(construct, resource, reasonOf(resource));
  }
}

const hasWildcard = (resource: string) => resource.includes("*");

/** What CloudFormation fills in stands in angle brackets. */
function asNagSpells(construct: IConstruct, resource: string): string {
  const fragments = Tokenization.reverseString(resource);
  const mapToken = (token: IResolvable) => spell(construct, token);
  const join = (left: unknown, right: unknown) => `${left ?? ""}${right ?? ""}`;
  return fragments.mapTokens({ mapToken }).join({ join });
}

function spell(construct: IConstruct, token: IResolvable): string {
  const stack = Stack.of(construct);
  if (Reference.isReference(token) && CfnElement.isCfnElement(token.target)) {
    const attribute = token.displayName === "Ref" ? "" : `.${token.displayName}`;
    return `<${stack.getLogicalId(token.target)}${attribute}>`;
  }
  const pseudo: unknown = stack.resolve(token);
  if (typeof pseudo === "object" && pseudo !== null && "Ref" in pseudo) return `<${pseudo.Ref}>`;
  return String(pseudo);
}
