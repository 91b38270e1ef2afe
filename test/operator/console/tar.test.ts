// The archive is one that other programs open.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tarOf } from "../../../operator/console/tar.ts";

test("tar unpacks it: names, contents and times", () => {
  const folder = mkdtempSync(join(tmpdir(), "tar-"));
  try {
    const files = new Map([
      ["a.json", "{}\n"],
      ["b.txt", `ü${"x".repeat(1022)}`],
      ["empty", ""],
    ]);
    writeFileSync(join(folder, "all.tar"), tarOf("run-1", files, 1_768_467_600));
    execFileSync("tar", ["-xf", "all.tar"], { cwd: folder });
    expect(readFileSync(join(folder, "run-1", "a.json"), "utf8")).toBe("{}\n");
    expect(readFileSync(join(folder, "run-1", "b.txt"), "utf8")).toBe(`ü${"x".repeat(1022)}`);
    expect(readFileSync(join(folder, "run-1", "empty"), "utf8")).toBe("");
    expect(statSync(join(folder, "run-1", "a.json")).mtimeMs).toBe(1_768_467_600_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a name that does not fit is refused, never cut", () => {
  expect(() => tarOf("f".repeat(100), new Map([["a", ""]]), 0)).toThrow("too long for a tar");
});
