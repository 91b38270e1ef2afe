// Real SDK clients on a service of the lab without network and IAM: what the client sends reaches
// the service as an AwsRequest, and its answer comes back as the client would get it over HTTPS.
import type { AwsRequest, AwsService, Clock, Place } from "../../../lab/kernel.ts";

export const account = "123456789012";
export const callerArn = `arn:aws:iam::${account}:role/caller`;

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: object;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

const bodyText = (body: unknown): string =>
  body instanceof Uint8Array ? Buffer.from(body).toString("utf8") : String(body ?? "");

/** Client options: the service in that Region, called from inside the Region. */
export function inProcess(service: AwsService, region: string) {
  const from: Place = { region };
  const handle = async (sdkRequest: SdkRequest) => {
    const request: AwsRequest = {
      service: service.name,
      region,
      method: sdkRequest.method,
      path: sdkRequest.path,
      query: {},
      headers: sdkRequest.headers,
      body: bodyText(sdkRequest.body),
      principal: { arn: callerArn, kind: "role" },
      from,
    };
    const answer =
      service.demands(request) === null
        ? service.error(request, "UnknownOperationException", "not modelled by the lab", 400)
        : await service.handle(request);
    const { status: statusCode, headers } = answer;
    return { response: { statusCode, headers, body: Buffer.from(answer.body) } };
  };
  return {
    region,
    credentials: { accessKeyId: "lab", secretAccessKey: "lab" },
    maxAttempts: 1,
    requestHandler: { handle, metadata: { handlerProtocol: "http/1.1" } },
  };
}

/** Lets virtual time run until the operation has settled, at most an hour. */
export async function settled<T>(clock: Clock, operation: Promise<T>): Promise<T> {
  let open = true;
  const watched = operation.finally(() => {
    open = false;
  });
  watched.catch(() => {});
  const end = clock.now() + 3_600_000;
  while (open && clock.now() < end) await clock.runUntil(clock.now() + 1000);
  return watched;
}
