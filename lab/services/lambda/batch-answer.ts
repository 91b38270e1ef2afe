// What a function's answer says of the messages of a batch. Lambda's rules are strict: an answer
// that it can't read means that nothing was processed, and nothing is deleted. Source:
// "Implementing partial batch responses", success and failure conditions.
import { z } from "zod";
import type { Answer } from "./function.ts";

const reportSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullable();

/** Ids of the messages that stay in the queue. */
export function failedMessages(
  answer: Answer,
  ids: readonly string[],
  reportsItems: boolean,
): ReadonlySet<string> {
  if (answer.functionError !== null) return new Set(ids);
  if (!reportsItems) return new Set();
  const report = reportSchema.safeParse(parsed(answer.payload));
  if (!report.success) return new Set(ids);
  const failed = (report.data?.batchItemFailures ?? []).map((one) => one.itemIdentifier);
  // One that was not in the batch: the whole batch failed.
  return new Set(failed.every((id) => ids.includes(id)) ? failed : ids);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
