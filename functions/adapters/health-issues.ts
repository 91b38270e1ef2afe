// AWS Health issues as they are stored: one item an event ARN and day, the newest update wins, so
// that duplicates, backup copies and pages that arrive late change nothing. Only the days that may
// still count are read, however many years the table keeps.
import type { Config, Region } from "../../core/config/schema.ts";
import { type HealthIssue, healthIssueSchema } from "../../core/contracts/evidence.ts";
import { controlKeys } from "../../core/contracts/records.ts";
import { evaluatedAt } from "../../core/health.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import { type Table, tableIn } from "./table.ts";

export interface HealthIssues {
  /** False: a newer update is there already. */
  store(issue: HealthIssue): Promise<boolean>;
  /** Those updated within a day, as they stand at `now` (ms since 1970): age takes a vote away. */
  list(now: number): Promise<HealthIssue[]>;
}

const dayMilliseconds = 86_400_000;

export function healthIssues(config: Config, region: Region): HealthIssues {
  return healthIssuesOn(tableIn(region, controlTableName(config)), config);
}

export function healthIssuesOn(table: Table, config: Config): HealthIssues {
  const group = groupOf(config);
  return {
    store(issue) {
      // Of two updates with the same time, the one that ends the issue stands.
      const order = issue.counts ? "<" : "<=";
      return table.put(controlKeys.health(group, issue.updatedAt, issue.eventArn), issue, {
        expression: `attribute_not_exists(pk) OR #updatedAt ${order} :updatedAt`,
        names: { updatedAt: "updatedAt" },
        values: { updatedAt: issue.updatedAt },
      });
    },
    async list(now) {
      const days = [now - dayMilliseconds, now, now + dayMilliseconds];
      const issues = await Promise.all(
        days.map((day) =>
          table.list({ pk: controlKeys.health(group, day, "").pk }, healthIssueSchema),
        ),
      );
      return newestOf(issues.flat()).map((issue) => evaluatedAt(issue, now));
    },
  };
}

/** An issue that was updated on two days is there twice. */
function newestOf(issues: readonly HealthIssue[]): HealthIssue[] {
  const newest = new Map<string, HealthIssue>();
  for (const issue of issues) {
    const known = newest.get(issue.eventArn);
    if (known === undefined || known.updatedAt < issue.updatedAt) newest.set(issue.eventArn, issue);
  }
  return [...newest.values()];
}
