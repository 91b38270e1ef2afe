// The lab's own controls as the console uses them: the token stays on this side of the browser. A
// lab that doesn't answer within moments is treated as gone, and said to be.
import {
  type LabState,
  labAnswerSchema,
  labControlPaths,
  labStateSchema,
} from "../../core/contracts/lab-control.ts";
import { Refused } from "../desk.ts";
import type { LabControl } from "../target.ts";
import { BadRequest } from "./errors.ts";

const patienceMilliseconds = 5_000;

/** Throws Refused where the lab doesn't answer. */
export async function readLab(control: LabControl): Promise<LabState> {
  const answer = await ask(control, labControlPaths.state);
  return labStateSchema.parse(await answer.json());
}

/** Answers what was done, in the lab's words. Throws Refused, BadRequest. */
export async function steerLab(
  control: LabControl,
  path: (typeof labControlPaths)[keyof typeof labControlPaths],
  change: unknown,
): Promise<string> {
  const answer = await ask(control, path, { method: "POST", body: JSON.stringify(change) });
  const { ok, message } = labAnswerSchema.parse(await answer.json());
  if (ok) return message;
  throw answer.status === 400 ? new BadRequest(message) : new Refused(message);
}

async function ask({ url, token }: LabControl, path: string, what: RequestInit = {}) {
  try {
    return await fetch(`${url}${path}`, {
      ...what,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(patienceMilliseconds),
    });
  } catch (error) {
    throw new Refused("The lab does not answer.", { cause: error });
  }
}
