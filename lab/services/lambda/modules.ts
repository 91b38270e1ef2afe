// What a function may require: the SDK, what of Node is harmless, and shims for what would touch
// the machine. Anything else is refused by name, so that nothing leaves the lab unnoticed.
import { createRequire } from "node:module";
import { type SdkIdentity, sdkModule } from "./sdk.ts";

const requireHere = createRequire(import.meta.url);

/** Node's modules that neither wait, nor draw, nor reach outside. */
const harmless = new Set([
  "assert",
  "async_hooks",
  "buffer",
  "console",
  "diagnostics_channel",
  "events",
  "os",
  "path",
  "querystring",
  "stream",
  "string_decoder",
  "url",
  "util",
  "util/types",
]);

/** Shims by module name without "node:". */
export type Shims = { readonly [name: string]: object };

export function requireFor(shims: Shims, identity: SdkIdentity) {
  const loaded = new Map<string, unknown>();
  const load = (name: string): unknown => {
    if (name.startsWith("@aws-sdk/")) return sdkModule(name, identity);
    const plain = name.replace(/^node:/, "");
    const shim = shims[plain];
    if (shim !== undefined) return shim;
    if (harmless.has(plain)) return requireHere(`node:${plain}`);
    throw new Error(`The lab does not model the module ${name} for functions.`);
  };
  return (name: string): unknown => {
    if (!loaded.has(name)) loaded.set(name, load(name));
    return loaded.get(name);
  };
}
