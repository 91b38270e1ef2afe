// One port for every AWS service that the lab models: the scope of the SigV4 signature tells Region
// and service. A request comes from the internet, and meets network, faults and IAM like each call.
// The key id must be one that the lab gave out; its secret is not checked (see access-keys.ts).
import { credentialScope } from "../access-keys.ts";
import type { AwsRequest, AwsResponse, Place } from "../kernel.ts";
import type { RunningLab } from "../lab.ts";
import type { Answered, Received } from "./listening.ts";

type Parts = Pick<RunningLab, "lab" | "accessKeys" | "log">;

/** What a service says of a key that doesn't exist: JSON services; the query and REST ones. */
const unknownKey = {
  json: { code: "UnrecognizedClientException", status: 400 },
  xml: { code: "InvalidClientTokenId", status: 403 },
};
/** Without a signature nobody can tell which service was meant. */
const missingKey = { code: "MissingAuthenticationTokenException", status: 400 };
const xmlServices = ["route53", "s3", "sns", "sts"];
const invalidToken = "The security token included in the request is invalid.";

export function awsEndpoint({ lab, accessKeys, log }: Parts, from: Place) {
  return async (received: Received): Promise<Answered> => {
    const scope = credentialScope(received.headers.authorization);
    if (scope === null) return refusal("", missingKey, "Missing Authentication Token");
    const { service, region } = scope;
    const principal = accessKeys.principalOf(scope.accessKeyId);
    const kind = xmlServices.includes(service) ? "xml" : "json";
    if (principal === null) return refusal(service, unknownKey[kind], invalidToken);
    const request: AwsRequest = { ...received, service, region, principal, from };
    return await called(() => lab.call(request), log, request);
  };
}

async function called(
  call: () => Promise<AwsResponse>,
  log: Parts["log"],
  request: AwsRequest,
): Promise<Answered> {
  const known = log.events.length;
  try {
    return await call();
  } catch (error) {
    // A name that does not resolve answers nobody: the connection breaks.
    if (error instanceof Error && "code" in error && error.code === "ENOTFOUND") throw error;
    const isUnmodelled = log.events.slice(known).some(({ kind }) => kind === "not-modelled");
    const why = error instanceof Error ? error.message : String(error);
    const said = isUnmodelled
      ? { code: "UnknownOperationException", status: 501 }
      : { code: "InternalFailure", status: 500 };
    return refusal(request.service, said, why);
  }
}

interface Said {
  readonly code: string;
  readonly status: number;
}

function refusal(service: string, { code, status }: Said, message: string): Answered {
  if (!xmlServices.includes(service)) {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code };
    return { status, headers, body: JSON.stringify({ __type: code, message }) };
  }
  const text = message.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error>`;
  if (service === "s3") {
    const bare = `<Error><Code>${code}</Code><Message>${text}</Message></Error>`;
    return { status, headers: { "content-type": "application/xml" }, body: bare };
  }
  const body = `<ErrorResponse>${error}<RequestId>lab</RequestId></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}
