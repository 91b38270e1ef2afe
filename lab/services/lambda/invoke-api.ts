// Lambda's Invoke API, the only call of the service that the app makes.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
import type { AwsRequest, AwsResponse, AwsService, Clock } from "../../kernel.ts";
import { type LabLambda, LambdaRefused } from "./lambda.ts";

const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** An asynchronous invocation that failed is tried again after one minute and after two more. */
const asynchronousRetrySeconds = [60, 120];

export function invokeApi(
  lambda: LabLambda,
  lab: { readonly account: string; readonly clock: Pick<Clock, "sleep"> },
): AwsService {
  const targetOf = (request: AwsRequest): { name: string; arn: string | null } | null => {
    const [, encoded] = invokePath.exec(request.path) ?? [];
    if (encoded === undefined || request.method !== "POST") return null;
    const name = decodeURIComponent(encoded);
    return { name, arn: lambda.arnOf(name, request.region) };
  };

  async function invokeLater(arn: string, payload: string): Promise<void> {
    for (const seconds of [0, ...asynchronousRetrySeconds]) {
      if (seconds > 0) await lab.clock.sleep(seconds * 1000);
      const answer = await lambda.invoke(arn, payload).catch(() => null);
      if (answer?.functionError === null) return;
    }
  }

  return {
    name: "lambda",
    demands(request) {
      const target = targetOf(request);
      if (target === null) return null;
      const { region } = request;
      const asked = `arn:aws:lambda:${region}:${lab.account}:function:${target.name}`;
      return [{ action: "lambda:InvokeFunction", resource: target.arn ?? asked }];
    },
    async handle(request) {
      const target = targetOf(request);
      if (target === null || target.arn === null) {
        const message = `Function not found: ${target?.name ?? request.path}`;
        return errorAnswer("ResourceNotFoundException", message, 404);
      }
      if (request.headers["x-amz-invocation-type"] === "Event") {
        void invokeLater(target.arn, request.body);
        return { status: 202, headers: {}, body: "" };
      }
      return await invokeNow(lambda, target.arn, request.body);
    },
    error: (_, code, message, status) => errorAnswer(code, message, status),
  };
}

async function invokeNow(lambda: LabLambda, arn: string, payload: string): Promise<AwsResponse> {
  try {
    const answer = await lambda.invoke(arn, payload);
    const failed = answer.functionError;
    const headers = {
      "content-type": "application/json",
      "x-amz-executed-version": "$LATEST",
      ...(failed === null ? {} : { "x-amz-function-error": failed }),
    };
    return { status: 200, headers, body: answer.payload };
  } catch (fault) {
    if (fault instanceof LambdaRefused) return errorAnswer(fault.code, fault.message, fault.status);
    throw fault;
  }
}

function errorAnswer(code: string, message: string, status: number): AwsResponse {
  const headers = { "content-type": "application/json", "x-amzn-errortype": code };
  const type = status < 500 ? "User" : "Service";
  return { status, headers, body: JSON.stringify({ Type: type, message, Message: message }) };
}
