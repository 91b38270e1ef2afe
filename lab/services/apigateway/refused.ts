// The end of a request in API Gateway's own words: before its integration was asked, or because
// that could not be had. Gateway responses put the API's own headers on it.
import type { HttpResponse } from "../../kernel.ts";

export class Refused extends Error {
  readonly response: HttpResponse;

  constructor(status: number, errorType: string, message: string) {
    super(message);
    this.response = {
      status,
      headers: { "content-type": "application/json", "x-amzn-errortype": errorType },
      body: JSON.stringify({ message }),
    };
  }
}

export const missingToken = () =>
  new Refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token");

export const badRequest = (message: string) => new Refused(400, "BadRequestException", message);

export const unsupportedMediaType = () =>
  new Refused(415, "BadRequestException", "Unsupported Media Type");

export const internalError = () =>
  new Refused(500, "InternalServerErrorException", "Internal server error");

export const badGateway = () =>
  new Refused(502, "InternalServerErrorException", "Internal server error");

export const timedOut = () =>
  new Refused(504, "InternalServerErrorException", "Endpoint request timed out");

export const networkError = () =>
  new Refused(504, "InternalServerErrorException", "Network error communicating with endpoint");
