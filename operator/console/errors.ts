// What went wrong, as the page is told: a sentence and a status. The same faults as on the command
// line, in the same words; a request that is wrong is told all that is, by path.
import type { z } from "zod";
import { AwsFault } from "../aws/faults.ts";
import { Refused, WrongCall } from "../desk.ts";

export interface Told {
  readonly status: 400 | 403 | 404 | 409 | 500 | 502 | 504;
  readonly error: string;
}

/** A request that does not say what it must. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

export function toldFault(thrown: unknown): Told {
  const error = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof BadRequest || thrown instanceof WrongCall) return { status: 400, error };
  if (thrown instanceof Refused) return { status: 409, error };
  if (!(thrown instanceof AwsFault)) return { status: 500, error };
  switch (thrown.kind) {
    case "unreachable":
      return { status: 504, error };
    case "permission":
    case "credentials":
      return { status: 403, error };
    case "missing":
      return { status: 404, error };
    case "refused":
      return { status: 502, error };
  }
}

/** Throws BadRequest with every fault of it. */
export function checked<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const faults = read.error.issues.map(
    ({ path, message }) => `${["$", ...path.map(String)].join(".")}: ${message}`,
  );
  throw new BadRequest(faults.join("; "));
}
