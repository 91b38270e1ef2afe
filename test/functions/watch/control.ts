// A control table of a test: what is planned answers, the rest throws.
import type { ControlTable } from "../../../functions/adapters/control-table.ts";
import { unplanned } from "../steady.ts";

export function controlWith(planned: Partial<ControlTable>): ControlTable {
  const refuse = (name: string) => async () => unplanned(name);
  return {
    findRouting: refuse("findRouting"),
    readRouting: refuse("readRouting"),
    findAbort: refuse("findAbort"),
    createRouting: refuse("createRouting"),
    writeRouting: refuse("writeRouting"),
    beat: refuse("beat"),
    readHeartbeats: refuse("readHeartbeats"),
    putView: refuse("putView"),
    readViews: refuse("readViews"),
    readChecks: refuse("readChecks"),
    putChecks: refuse("putChecks"),
    readMark: refuse("readMark"),
    putMark: refuse("putMark"),
    putNotice: refuse("putNotice"),
    readPage: refuse("readPage"),
    putPage: refuse("putPage"),
    readArchived: refuse("readArchived"),
    putArchived: refuse("putArchived"),
    ...planned,
  };
}
