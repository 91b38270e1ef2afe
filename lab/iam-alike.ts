// Which demands IAM decides alike. Partition keys and attributes differ from call to call: they
// would undo the memory of decisions. But all that a decision can depend on is which strings of the
// policies' conditions such a value equals, or is like.
import { z } from "zod";
import type { Demand, Json } from "./kernel.ts";

/** Context keys whose values differ from call to call. */
const various = ["dynamodb:LeadingKeys", "dynamodb:Attributes"];

/** What the conditions ask of a value; null: something else than how it compares with a string. */
export type Questions = readonly ((value: string) => boolean)[] | null;

/** The demand with what is asked of such values in their place: two that are equal are decided
 * alike. `questions`: of a context key, for the demand's principal and resource. */
export function alike(demand: Demand, questions: (key: string) => Questions): Demand {
  const { context = {} } = demand;
  const sorts: { [key: string]: string[] } = {};
  for (const key of various) {
    const given = context[key];
    const asked = given === undefined ? null : questions(key);
    if (given === undefined || asked === null) continue;
    const answers = [given]
      .flat()
      .map((value) => asked.map((ask) => (ask(value) ? 1 : 0)).join(""));
    sorts[key] = [...new Set(answers)].sort();
  }
  return { ...demand, context: { ...context, ...sorts } };
}

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policySchema = z.object({
  Statement: z.array(
    z.looseObject({
      Resource: oneOrMore.optional(),
      Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
    }),
  ),
});
const comparesStrings =
  /^(ForA(ll|ny)Values?:)?(String(Not)?(Equals(IgnoreCase)?|Like)(IfExists)?|Null)$/;

/** Of the statements that name the resource, or by a wildcard may. */
export function questionsAbout(
  policies: readonly Json[],
  { resource, key }: { readonly resource: string; readonly key: string },
): Questions {
  const strings = new Set<string>();
  for (const policy of policies) {
    const parsed = policySchema.safeParse(policy);
    if (!parsed.success) return null;
    for (const { Resource = ["*"], Condition } of parsed.data.Statement) {
      if (!Resource.some((each) => each === resource || /[*?]/.test(each))) continue;
      for (const [operator, name, value] of comparisons(Condition)) {
        // Names of condition keys are not case-sensitive.
        if (name.toLowerCase() !== key.toLowerCase()) continue;
        const known = oneOrMore.safeParse(value).data;
        const isVariable = known?.some((each) => each.includes("${"));
        if (!comparesStrings.test(operator) || known === undefined || isVariable) return null;
        for (const each of known) strings.add(each);
      }
    }
  }
  return [...strings].flatMap(questionsOf);
}

function comparisons(condition: {
  readonly [operator: string]: { readonly [key: string]: unknown };
}) {
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => [operator, key, value] as const),
  );
}

/** A value that passes both equals the text. */
function questionsOf(text: string) {
  const parts = text.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  const like = new RegExp(`^${parts.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
  return [
    (value: string) => value.toLowerCase() === text.toLowerCase(),
    (value: string) => like.test(value),
  ];
}
