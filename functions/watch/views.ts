// Where a vantage point keeps its views: a serving Region in its own replica, the witness, which
// has none, through either serving Region, the one that answered last first.
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import type { ControlTable } from "../adapters/control-table.ts";
import type { LookAroundPorts } from "./look-around.ts";

type ViewTable = Pick<ControlTable, "putView" | "readViews">;

export function viewsThrough(
  config: Config,
  vantage: Region,
  tableIn: (region: Region) => ViewTable,
): LookAroundPorts["views"] {
  const serving = servingRegions(config);
  const tables = (serving.includes(vantage) ? [vantage] : serving).map(tableIn);
  async function through<T>(call: (table: ViewTable) => Promise<T>): Promise<T> {
    let fault: unknown;
    for (const table of [...tables]) {
      try {
        const answer = await call(table);
        tables.unshift(...tables.splice(tables.indexOf(table), 1));
        return answer;
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }
  return {
    put: (view) => through((table) => table.putView(view)),
    read: () => through((table) => table.readViews()),
  };
}
