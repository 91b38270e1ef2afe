// A function's bundle, read from disk and compiled once, evaluated once a container. The bundle is
// not put into a V8 context of its own: errors and typed arrays would then be of another realm than
// the SDK's. What a function must not share comes in as parameters that shadow the globals.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";

/** Evaluates the bundle with these globals and this require; answers `module.exports`. */
export type Evaluate = (globals: Globals, require: (name: string) => unknown) => unknown;

/** What shadows the process's own globals. Each bundle sees exactly these names. */
export const globalNames = [
  "globalThis",
  "global",
  "process",
  "console",
  "performance",
  "crypto",
  "Math",
  "Date",
  "fetch",
  "AbortSignal",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
] as const;
export type Globals = { readonly [name in (typeof globalNames)[number]]: unknown };

const folderInLambda = "/var/task";
const compiled = new Map<string, Evaluate>();

/** `folder` holds `<moduleName>.js` or `.cjs`, CommonJS. Throws when there is none. */
export function readBundle(folder: string, moduleName: string): Evaluate {
  const path = [".js", ".cjs"]
    .map((ending) => join(folder, moduleName + ending))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${folder} holds no ${moduleName}.js`);
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const evaluate = compileBundle(readFileSync(path, "utf8"), `${moduleName}.js`);
  compiled.set(path, evaluate);
  return evaluate;
}

/** The inner function is the module's own scope: a bundle may declare `crypto` for itself. */
export function compileBundle(source: string, fileName: string): Evaluate {
  const wrapped =
    `(function (${globalNames.join(", ")}) { return function ` +
    `(exports, require, module, __filename, __dirname) {${source}\n}; })`;
  const filename = `${folderInLambda}/${fileName}`;
  const outer: unknown = new Script(wrapped, { filename }).runInThisContext();
  if (typeof outer !== "function") throw new Error(`${fileName} did not compile to a function`);
  return (globals, require) => {
    const inner: unknown = outer(...globalNames.map((name) => globals[name]));
    if (typeof inner !== "function") throw new Error(`${fileName} has no module function`);
    const module: { exports: unknown } = { exports: {} };
    inner(module.exports, require, module, filename, folderInLambda);
    return module.exports;
  };
}
