// The project's own files as the tidy rules see them: path from the root, and text.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { projectRoot } from "../../lab/deploy/project-root.ts";

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Files that git tracks or would track, with one of these endings. */
export function projectFiles(...endings: string[]): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  return listed
    .split("\n")
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .filter((path) => existsSync(join(projectRoot, path)))
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), "utf8") }));
}

/** What a file imports: packages as written, own files as paths from the root. */
export function importsOf({ path, text }: SourceFile): string[] {
  const statements =
    /^(?:import|export)(?: type)?(?: ?[\w*{][^"'=()]*?)? ?(?:from )?["']([^"']+)["'];?$|\bimport\(["']([^"']+)["']\)/gm;
  return [...text.matchAll(statements)].map(([, still, dynamic]) => {
    const name = still ?? dynamic ?? "";
    return name.startsWith(".") ? normalize(join(dirname(path), name)) : name;
  });
}
