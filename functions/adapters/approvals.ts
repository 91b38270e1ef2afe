// Questions to people, kept in the control table. One is open per group: the item `question`
// names the last one asked, and replacing it is conditional on what was seen there, which is
// what a table without transactions can promise.
import * as z from "zod";
import type { Config, Region } from "../../core/config/schema.ts";
import { type Approval, approvalSchema, controlKeys } from "../../core/contracts/records.ts";
import { controlTableName, groupOf } from "../../core/names.ts";
import { type Condition, type Table, tableIn } from "./table.ts";

export interface Approvals {
  /** The newest, oldest of them first. */
  list(): Promise<Approval[]>;
  /** False: another execution asked at the same moment. Repeating an own question replaces its
   * task token. */
  ask(approval: Approval): Promise<boolean>;
  /** Nobody answered: pending questions of this execution are closed. */
  lapse(executionArn: string): Promise<void>;
}

/** One is open at a time, and a run asks three at most: these go back many runs. The table deletes
 * nothing, and years of answers need not be read. */
const listed = 50;
const questionSchema = z.object({ id: z.string() });

export function approvals(config: Config, region: Region): Approvals {
  return approvalsOn(tableIn(region, controlTableName(config)), config);
}

export function approvalsOn(table: Table, config: Config): Approvals {
  const group = groupOf(config);
  const question = controlKeys.question(group);
  const list = async () => {
    const { pk } = controlKeys.approval(group, "");
    const found = await table.list({ pk, newest: listed }, approvalSchema);
    return found.reverse().sort((a, b) => a.askedAt - b.askedAt);
  };
  return {
    list,
    async ask(approval) {
      const last = await table.read(question, questionSchema);
      const open = (await list()).find((each) => each.id === last?.id && isOpen(each, approval));
      if (open !== undefined && open.id !== approval.id) return false;
      if (!(await table.put(question, { id: approval.id }, unchangedSince(last)))) return false;
      return table.put(controlKeys.approval(group, approval.id), approval, newOrPending);
    },
    async lapse(executionArn) {
      for (const each of await list()) {
        if (each.status !== "pending" || each.executionArn !== executionArn) continue;
        const lapsed = { status: "lapsed" };
        await table.set(controlKeys.approval(group, each.id), lapsed, stillPending);
      }
    },
  };
}

const isOpen = (one: Approval, asked: Approval) =>
  one.status === "pending" && one.expiresAt > asked.askedAt;

const stillPending: Condition = {
  expression: "#status = :status",
  names: { status: "status" },
  values: { status: "pending" },
};
/** An answered question is not asked anew under the same id. */
const newOrPending: Condition = {
  ...stillPending,
  expression: "attribute_not_exists(pk) OR #status = :status",
};

function unchangedSince(last: { id: string } | null): Condition {
  if (last === null) return { expression: "attribute_not_exists(pk)" };
  return { expression: "#id = :id", names: { id: "id" }, values: { id: last.id } };
}
