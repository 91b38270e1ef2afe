// STS as operators use it: GetCallerIdentity, in the query protocol. Roles are assumed nowhere else
// in the lab: its callers are handed their keys.
// Source: AWS STS API Reference, GetCallerIdentity (needs no permission).
import type { AwsRequest, AwsResponse, AwsService, Principal } from "../../kernel.ts";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

export function createSts(account: string): AwsService {
  return {
    name: "sts",
    demands: (request) => (actionOf(request) === "GetCallerIdentity" ? [] : null),
    handle: async ({ principal }) => {
      const arn = sessionArn(principal);
      return xml(
        200,
        `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult>` +
          `<Arn>${escaped(arn)}</Arn><UserId>${userId(arn)}</UserId><Account>${account}</Account>` +
          `</GetCallerIdentityResult>${metadata}</GetCallerIdentityResponse>`,
      );
    },
    error: (_request, code, message, status) =>
      xml(
        status,
        `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
          `<Message>${escaped(message)}</Message></Error><RequestId>${requestId}</RequestId>` +
          "</ErrorResponse>",
      ),
  };
}

/** Nothing in the lab reads it. */
const requestId = "00000000-0000-0000-0000-000000000000";
const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;

const actionOf = ({ body }: AwsRequest) => new URLSearchParams(body).get("Action");

/** Who calls as a role is a session of it; without a name it is called like the role. */
function sessionArn({ arn, session }: Principal): string {
  const [, account, role] = /^arn:aws:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return role === undefined
    ? arn
    : `arn:aws:sts::${account}:assumed-role/${role}/${session ?? role}`;
}

const userId = (arn: string) => `AROALAB:${escaped(arn.split("/").at(-1) ?? "")}`;

const escaped = (text: string) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const xml = (status: number, body: string): AwsResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body,
});
