// The built page, read whole into memory: only a name that was in its folder is ever served, so
// that no path of a request reaches the disk.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
/** By path from the root, like "/index.html". */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: { readonly [ending: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

export function readPage(folder: string): PageFiles {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    found
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = join(entry.parentPath, entry.name);
        const type = types[extname(entry.name)] ?? "application/octet-stream";
        const path = `/${relative(folder, file).split(sep).join("/")}`;
        return [path, { type, bytes: new Uint8Array(readFileSync(file)) }] as const;
      }),
  );
}
