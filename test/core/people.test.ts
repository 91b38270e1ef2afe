import { expect, test } from "vitest";
import { isSecondPerson, personOf } from "../../core/people.ts";

const session = (role: string, name: string) =>
  `arn:aws:sts::123456789012:assumed-role/${role}/${name}`;

test.each([
  ["arn:aws:iam::123456789012:user/ops/Alice", "alice"],
  [session("AWSReservedSSO_Operator_0123456789abcdef", "alice@example.com"), "alice@example.com"],
  ["arn:aws:sts::123456789012:federated-user/alice", "alice"],
  ["arn:aws:iam::123456789012:root", "root"],
  ["alice@example.com", "alice@example.com"],
  [session("operator", "botocore-session-1768467600"), null],
  [session("operator", "aws-sdk-js-1768467600000"), null],
  [session("instance", "i-0123456789abcdef0"), null],
  ["", null],
])("%s is %s", (identity, person) => {
  expect(personOf(identity)).toBe(person);
});

test("Of two identities that name nobody neither is a second person", () => {
  const made = session("operator", "botocore-session-1");
  expect(isSecondPerson(made, session("operator", "botocore-session-2"))).toBe(false);
  expect(isSecondPerson(made, session("operator", "bob"))).toBe(false);
  expect(isSecondPerson(session("operator", "alice"), session("operator", "bob"))).toBe(true);
  expect(isSecondPerson(null, made)).toBe(true);
});
