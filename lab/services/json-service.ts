// The frame of the services that speak AWS's JSON protocols 1.0 and 1.1: the action's name in
// x-amz-target, its input as a JSON body. Inputs go through strict schemas, so that a member that
// the lab would ignore is refused by name.
import type { z } from "zod";
import type { AwsRequest, AwsResponse, AwsService, Demand } from "../kernel.ts";

/** An error that the service answers. `code` is the exception's name in the API reference. */
export class ServiceFault extends Error {
  override readonly name = "ServiceFault";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface Operation {
  demands(request: AwsRequest): Demand[];
  handle(request: AwsRequest): Promise<object>;
}

/** One action: what its input must be, which permissions it needs, what it does. */
export function operation<S extends z.ZodType>(
  schema: S,
  demands: (input: z.output<S>, request: AwsRequest) => Demand[],
  handle: (input: z.output<S>, request: AwsRequest) => object | Promise<object>,
): Operation {
  const read = (request: AwsRequest) => schema.safeParse(JSON.parse(request.body || "{}"));
  return {
    demands(request) {
      const input = read(request);
      // A malformed request is refused before anything else, with its own error.
      return input.success ? demands(input.data, request) : [];
    },
    async handle(request) {
      const input = read(request);
      if (input.success) return await handle(input.data, request);
      const faults = input.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new ServiceFault("ValidationException", `refused by the lab: ${faults.join("; ")}`);
    },
  };
}

export interface JsonServiceOptions {
  /** SigV4 service name. */
  readonly name: string;
  readonly version: "1.0" | "1.1";
  readonly operations: { readonly [action: string]: Operation };
}

export function jsonService({ name, version, operations }: JsonServiceOptions): AwsService {
  const headers = { "content-type": `application/x-amz-json-${version}` };
  const find = (request: AwsRequest) =>
    operations[(request.headers["x-amz-target"] ?? "").split(".")[1] ?? ""];
  const error = (code: string, message: string, status: number): AwsResponse => ({
    status,
    headers,
    body: JSON.stringify({ __type: code, message }),
  });
  return {
    name,
    demands: (request) => find(request)?.demands(request) ?? null,
    async handle(request) {
      const action = find(request);
      if (action === undefined) return error("UnknownOperationException", "not modelled", 400);
      try {
        return { status: 200, headers, body: JSON.stringify(await action.handle(request)) };
      } catch (fault) {
        if (fault instanceof ServiceFault) return error(fault.code, fault.message, fault.status);
        throw fault;
      }
    },
    error: (_request, code, message, status) => error(code, message, status),
  };
}
