// AWS Health issues as they are stored: one item an event ARN, the newest update wins, so that
// duplicates, backup copies and pages that arrive late change nothing.
import type { Config, Region } from "../../core/config/schema.ts";
import { type HealthIssue, healthIssueSchema } from "../../core/contracts/evidence.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { evaluatedAt } from "../../core/health.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import { type Table, tableIn } from "./table.ts";

export interface HealthIssues {
  /** False: a newer update is there already. */
  store(issue: HealthIssue): Promise<boolean>;
  /** As they stand at `now` (ms since 1970): age takes a vote away. */
  list(now: number): Promise<HealthIssue[]>;
}

export function healthIssues(config: Config, region: Region): HealthIssues {
  return healthIssuesOn(tableIn(region, controlTableName(config)), config);
}

export function healthIssuesOn(table: Table, config: Config): HealthIssues {
  const group = groupOf(config);
  return {
    store(issue) {
      // Of two updates with the same time, the one that ends the issue stands.
      const order = issue.counts ? "<" : "<=";
      return table.put(controlKeys.health(group, issue.eventArn), issue, {
        expression: `attribute_not_exists(pk) OR #updatedAt ${order} :updatedAt`,
        names: { updatedAt: "updatedAt" },
        values: { updatedAt: issue.updatedAt },
      });
    },
    async list(now) {
      const issues = await table.list({ pk: controlKeys.health(group, "").pk }, healthIssueSchema);
      return issues.map((issue) => evaluatedAt(issue, now));
    },
  };
}
