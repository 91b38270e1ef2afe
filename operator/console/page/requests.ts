// What the page asks of its server, and how it hears that something was refused: as a sentence. The
// CSRF token is fetched once, and anew where the server says that it is old.
import type { z } from "zod";
import { csrfHeader, errorSchema, paths, sessionSchema } from "../contract.ts";

/** The server's own sentence, or that it does not answer. */
export class NotDone extends Error {
  override readonly name = "NotDone";
}

let csrf: Promise<string> | null = null;

function token(): Promise<string> {
  csrf ??= get(paths.session, sessionSchema).then((session) => session.csrf);
  csrf.catch(() => {
    csrf = null;
  });
  return csrf;
}

/** Throws NotDone. */
export async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  return await answered(path, {}, schema);
}

/** Throws NotDone. */
export async function post<S extends z.ZodType>(
  path: string,
  body: unknown,
  schema: S,
): Promise<z.output<S>> {
  const headers = { "content-type": "application/json", [csrfHeader]: await token() };
  return await answered(path, { method: "POST", headers, body: JSON.stringify(body) }, schema);
}

async function answered<S extends z.ZodType>(
  path: string,
  what: RequestInit,
  schema: S,
): Promise<z.output<S>> {
  const answer = await fetch(path, what).catch(() => {
    throw new NotDone("The console's server does not answer: is its process still running?");
  });
  const value: unknown = await answer.json().catch(() => null);
  if (answer.ok) return schema.parse(value);
  if (answer.status === 403) csrf = null;
  const error = errorSchema.safeParse(value).data?.error;
  throw new NotDone(error ?? `The console's server answered ${answer.status}.`);
}
