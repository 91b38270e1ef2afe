// How long a run of region-switch may take: three questions, and an hour for everything between and
// after them. The rounds of drain, levers, verification and undo are bounded at less than 40
// minutes together. Only a run that was redriven is older.
import type { Config } from "./config/schema.ts";

/** Three in one run: an approval waives only the reasons that it named, and new ones may have come
 * up meanwhile. */
export const questionsMost = 3;

const besideQuestionsSeconds = 3_600;

export function runSecondsMost({ policy }: Pick<Config, "policy">): number {
  return questionsMost * policy.approvalTimeoutSeconds + besideQuestionsSeconds;
}
