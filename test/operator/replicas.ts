// AWS as a plan of calls, behind real SDK clients: what was not planned throws. Two replicas of the
// control table are told apart by Region.
import type { Config } from "../../core/config/schema.ts";
import type { Approval } from "../../core/contracts/records.ts";
import type { RoutingState } from "../../core/contracts/routing-state.ts";
import type { SdkRequest } from "../../lab/sdk-request-handler.ts";
import { createClients } from "../../operator/aws/clients.ts";
import type { Desk } from "../../operator/desk.ts";
import type { Status } from "../../operator/status.ts";
import { now, config as plain } from "../core/world.ts";
import { steady } from "../lab/scripted-log.ts";
import { paint, type Said, said } from "./desk.ts";

type Answer = object | "silence" | { refused: string };
export type Plan = {
  readonly [call: string]: (body: Record<string, unknown>, count: number) => Answer;
};

export const arn = "arn:aws:iam::123456789012:user/alice";
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn>
<UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>`;

/** "Query in us-east-1 of approval#orders", most specific first. */
function planned(plan: Plan, called: string[]) {
  const counts = new Map<string, number>();
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle({ hostname, headers, body }: SdkRequest) {
      const region = hostname.split(".").find((part) => /^[a-z]+-[a-z]+-\d$/.test(part)) ?? "";
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : String(body ?? "");
      const isSts = hostname.startsWith("sts.");
      const target = headers["x-amz-target"] ?? headers["X-Amz-Target"];
      const operation = isSts ? "GetCallerIdentity" : (target?.split(".")[1] ?? "GET");
      const input: Record<string, unknown> = isSts || text === "" ? {} : JSON.parse(text);
      const pk =
        /"(?:switchback#)?(abort|group|approval|health|heartbeat|divergence|journal|order)#/.exec(
          text,
        )?.[1];
      const names = [
        `${operation} in ${region} of ${pk}`,
        `${operation} of ${pk}`,
        `${operation} in ${region}`,
        operation,
      ];
      const name = names.find((one) => plan[one] !== undefined);
      called.push(`${operation}${pk === undefined ? "" : ` of ${pk}`} in ${region}`);
      if (isSts && name === undefined) return xml(identity);
      const answer = name === undefined ? undefined : plan[name];
      if (name === undefined || answer === undefined) throw new Error(`not planned: ${names[0]}`);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const given = answer(input, counts.get(name) ?? 1);
      if (given === "silence") {
        throw Object.assign(new Error("no packet came back"), { name: "TimeoutError" });
      }
      if ("refused" in given) {
        const why = { __type: given.refused, message: "because" };
        if (!isSts) return json(400, why);
        return xml(
          `<ErrorResponse><Error><Code>${given.refused}</Code></Error></ErrorResponse>`,
          403,
        );
      }
      return json(200, given);
    },
  };
}
const json = (statusCode: number, value: object) => ({
  response: {
    statusCode,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: Buffer.from(JSON.stringify(value)),
  },
});
const xml = (text: string, statusCode = 200) => ({
  response: { statusCode, headers: { "content-type": "text/xml" }, body: Buffer.from(text) },
});

function attribute(value: unknown): object {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (typeof value === "object") return { M: attributes(value) };
  if (typeof value === "boolean") return { BOOL: value };
  return typeof value === "number" ? { N: String(value) } : { S: String(value) };
}
const attributes = (item: object): object =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));

export const question: Approval = {
  id: "2026-01-15T08:59:00Z/run-1#1",
  group: "orders",
  status: "pending",
  taskToken: "token-1",
  region: "us-west-2",
  executionArn: "arn:aws:states:us-west-2:123456789012:execution:orders-region-switch:run-1",
  epoch: 1,
  direction: "failback",
  source: "us-west-2",
  because: ["operator-request"],
  blockedBy: ["failback-needs-approval"],
  lossBoundSeconds: 18,
  askedAt: now - 60_000,
  expiresAt: now + 840_000,
  answeredAt: null,
  answeredBy: null,
};
export const page = (items: object[]) => ({
  Items: items.map((item) => attributes({ pk: "p", sk: "s", ...item })),
});
export const tables = (state: RoutingState = steady, approvals: object[] = []): Plan => ({
  "Query of group": () => page([{ ...state, sk: "routing" }]),
  "Query of approval": () => page(approvals),
  "Query of divergence": () => page([]),
  "GetItem of heartbeat": () => ({}),
});

const credentials = { accessKeyId: "ASIA1", secretAccessKey: "secret" };

/** For what is called without the command line; who asks its screen is refused. */
export function deskAt(plan: Plan, called: string[]): Desk {
  const nobody = () => {
    throw new Error("nobody sits here");
  };
  return {
    config: plain,
    clients: createClients({ credentials, requestHandler: planned(plan, called) }),
    target: { kind: "aws", words: "AWS" },
    screen: { paint, isInteractive: false, out: nobody, note: nobody, confirm: nobody },
    now: () => now,
    sleep: async () => {},
    newId: () => "id",
  };
}

export async function operate(
  plan: Plan,
  words: string[],
  says?: boolean,
  config: Config = plain,
): Promise<Said & Called> {
  const called: string[] = [];
  const connection = {
    credentials,
    requestHandler: planned(plan, called),
  };
  const sitting = {
    ...{ config, connection },
    target: { kind: "aws", words: "AWS" } as const,
    now: () => now,
    sleep: async () => {},
    ...(says === undefined ? {} : { says }),
  };
  return { ...(await said(sitting, ...words)), called };
}
export interface Called {
  readonly called: readonly string[];
}

/** `status --json` where nothing but the tables answers. */
export async function statusOf(plan: Plan): Promise<Status> {
  const { out } = await operate({ ...tables(), ...plan }, ["status", "--json"]);
  return JSON.parse(out);
}
