// What a check of the configuration says: a sentence, and every path that it rests on. The first is
// where it is reported; one that rests on a value that is wrong already is left out.
import type { Config } from "./schema.ts";

export type Finding = { readonly paths: readonly [string, ...string[]]; readonly message: string };
export type Check = (config: Config) => Finding[];

/** One finding if that holds; `rest`: further paths. */
export const when = (
  holds: boolean,
  path: string,
  message: string,
  ...rest: string[]
): Finding[] => (holds ? [{ paths: [path, ...rest], message }] : []);
