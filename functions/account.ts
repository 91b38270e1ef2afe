// The account that a function runs in, as its own ARN names it: nothing to configure or look up.
import { InvariantViolated } from "../core/errors.ts";

/** arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME */
export function accountOf(functionArn: string): string {
  const account = functionArn.split(":")[4];
  if (account === undefined || account === "") {
    throw new InvariantViolated(`Not a function's ARN: ${functionArn || "empty"}.`);
  }
  return account;
}
