// Who people are in the lab: roles as an account would make them, each with the managed policies of
// the deployed app and nothing else, and keys for them. Scripted operators and a live lab's user
// share it; both call from the internet, near the witness.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../core/config/schema.ts";
import { type PeopleRole, policyName } from "../core/names.ts";
import type { Credentials } from "./access-keys.ts";
import type { Principal } from "./kernel.ts";
import type { RunningLab } from "./lab.ts";
import { sdkRequestHandler } from "./sdk-request-handler.ts";
import { signerFor } from "./services/lambda/sdk.ts";

/** Each role, and the policies that it has. A person alone on call may start and answer. */
const policiesOf = {
  viewer: ["viewer"],
  operator: ["viewer", "operator"],
  approver: ["viewer", "approver"],
  "on-call": ["viewer", "operator", "approver"],
  "break-glass": ["break-glass"],
} as const satisfies { [role: string]: readonly PeopleRole[] };
export type LabRole = keyof typeof policiesOf;

export const labRoles: readonly LabRole[] = [
  ...(["viewer", "operator", "approver"] as const),
  ...(["on-call", "break-glass"] as const),
];

type Parts = Pick<
  RunningLab,
  "account" | "iam" | "accessKeys" | "clock" | "calls" | "managedPolicies"
>;

export interface Person {
  readonly role: LabRole;
  /** Their name: the session's. */
  readonly name: string;
}

/** Adds the roles to the lab: once a lab. */
export function people(config: Config, parts: Parts) {
  const { account, iam, accessKeys, clock, calls, managedPolicies } = parts;
  const from = { internet: config.regions.witness };
  const arnOf = (role: LabRole) => `arn:aws:iam::${account}:role/switchback-${role}`;
  for (const role of labRoles) {
    const documents = policiesOf[role].map((policy) => {
      const document = managedPolicies.get(policyName(config, policy));
      if (document === undefined) throw new Error(`the app deploys no policy for ${policy}`);
      return document;
    });
    iam.addRole(arnOf(role), documents, null);
  }
  const principalOf = ({ role, name }: Person): Principal => ({
    kind: "role",
    arn: arnOf(role),
    session: sessionName(name),
  });
  const keysOf = (person: Person): Credentials => accessKeys.issue(principalOf(person));
  /** Settings of an SDK client that calls as that person. */
  const settings = (person: Person, region: Region) => {
    const principal = principalOf(person);
    return {
      ...{ region, credentials: unread, maxAttempts: 1 },
      signerConstructor: signerFor({ clock, credentials: unread }),
      requestHandler: sdkRequestHandler({ clock, calls, principal, from }),
    };
  };
  const desk = {
    states: (region: Region, person: Person) => new SFNClient(settings(person, region)),
    tables: (region: Region, person: Person) =>
      DynamoDBDocumentClient.from(new DynamoDBClient(settings(person, region))),
  };
  return { account, from, desk, keysOf, settings };
}

/** The request handler knows who calls; a signature needs some key all the same. */
const unread = { accessKeyId: "ASIALAB", secretAccessKey: "unread", sessionToken: "unread" };

/** What STS takes: 2 to 64 of these. */
function sessionName(name: string): string {
  return name
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");
}
