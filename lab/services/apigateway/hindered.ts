// API Gateway's front door while a fault hinders the service there: its own words in place of the
// application's. A name that does not resolve is DNS' matter (apigateway.ts, addresses): whoever
// still holds an address is served.
import { delayOf } from "../../faults/hindrances.ts";
import type { HttpRequest, HttpResponse, Lab } from "../../kernel.ts";

type Serve = (request: HttpRequest) => Promise<HttpResponse>;

export function hinderedDoor(
  lab: Pick<Lab, "clock" | "hindrance">,
  region: string,
  serve: Serve,
): Serve {
  return async (request) => {
    const fault = lab.hindrance(region, "apigateway");
    if (fault === null) return await serve(request);
    switch (fault.mode) {
      case "no-dns":
        return await serve(request);
      case "unreachable":
        return await new Promise(() => {});
      case "error":
        return said(500, "InternalServerErrorException", "Internal server error");
      case "throttle":
        return said(429, "TooManyRequestsException", "Too Many Requests");
      case "slow": {
        const answer = await serve(request);
        await lab.clock.sleep(delayOf(fault));
        return answer;
      }
      default:
        return fault.mode satisfies never;
    }
  };
}

function said(status: number, errorType: string, message: string): HttpResponse {
  const headers = { "content-type": "application/json", "x-amzn-errortype": errorType };
  return { status, headers, body: JSON.stringify({ message }) };
}
