// The lab's own controls, by the console's server: answers what was done, in the lab's words.
import { doneSchema, paths } from "../contract.ts";
import { post } from "./requests.ts";

/** Throws NotDone. */
export async function steer(
  what: "faults" | "heal" | "speed" | "play",
  change: unknown,
): Promise<string> {
  return (await post(`${paths.lab}/${what}`, change, doneSchema)).message;
}
