// What a person on call is handed in the lab: a role of their own, its keys, and SDK clients that
// call from the internet, near the witness. Scripted operators and a live lab's user share it.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../core/config/schema.ts";
import type { Principal } from "./kernel.ts";
import type { RunningLab } from "./lab.ts";
import { operatorPolicy } from "./scenarios/operator-policy.ts";
import { sdkRequestHandler } from "./sdk-request-handler.ts";

type Parts = Pick<RunningLab, "account" | "iam" | "accessKeys" | "clock" | "calls">;

/** Adds the role to the lab: once a lab. */
export function operatorDesk(config: Config, { account, iam, accessKeys, clock, calls }: Parts) {
  const arn = `arn:aws:iam::${account}:role/switchback-operator`;
  const principal: Principal = { kind: "role", arn };
  iam.addRole(arn, [operatorPolicy(config, account)], null);
  const credentials = accessKeys.issue(principal);
  const from = { internet: config.regions.witness };
  const settings = (region: Region) => ({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: sdkRequestHandler({ clock, calls, principal, from }),
  });
  const desk = {
    states: (region: Region) => new SFNClient(settings(region)),
    tables: (region: Region) => DynamoDBDocumentClient.from(new DynamoDBClient(settings(region))),
  };
  return { account, credentials, from, desk };
}
