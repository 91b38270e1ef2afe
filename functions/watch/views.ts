// Where a vantage point keeps its views: a serving Region in its own replica, the witness, which
// has none, through either serving Region, the one that answered last first; with eventual
// coordination it tells both, since each may be cut off from the other.
import type { Config, Region } from "../../core/config/schema.ts";
import type { View } from "../../core/contracts/records.ts";
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
  async function tellAll(view: View): Promise<void> {
    const told = await Promise.allSettled(tables.map((table) => table.putView(view)));
    const [failed] = told.filter((one) => one.status === "rejected");
    if (failed !== undefined && told.every((one) => one.status === "rejected")) throw failed.reason;
  }
  return {
    put: (view) =>
      config.coordination === "eventual" ? tellAll(view) : through((table) => table.putView(view)),
    read: () => through((table) => table.readViews()),
  };
}
