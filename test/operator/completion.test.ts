// The completion scripts: bash's is sourced by a real bash, and asked as bash asks it.
import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { operate } from "./replicas.ts";

const scriptFor = async (shell: string) => (await operate({}, ["completion", shell])).out;

let bash: string;
beforeAll(async () => {
  bash = await scriptFor("bash");
});

/** What bash offers for the last word of the line, in its order. */
function completed(...line: string[]): string[] {
  const ask = String.raw`
complete -p switchback | grep -q -- '-F _switchback switchback' || exit 1
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_switchback
printf '%s\n' "${"$"}{COMPREPLY[@]}"`;
  const script = `${bash}${ask}`;
  const told = execFileSync("bash", ["--norc", "-c", script, "bash", ...line], {
    encoding: "utf8",
  });
  return told.split("\n").filter((word) => word !== "");
}

test("bash completes commands and subcommands", () => {
  expect(completed("switchback", "fail")).toEqual(["failover", "failback"]);
  expect(completed("switchback", "audit", "")).toEqual(["export", "verify", "--help"]);
  expect(completed("switchback", "completion", "")).toEqual(["bash", "zsh", "fish", "--help"]);
});

test("bash completes a command's own options, and the values that one has", () => {
  expect(completed("switchback", "failover", "--re")).toEqual(["--region", "--reason"]);
  expect(completed("switchback", "status", "--w")).toEqual(["--watch"]);
  expect(completed("switchback", "failback", "--mode", "")).toEqual(["planned", "forced"]);
  expect(completed("switchback", "audit", "export", "run-1", "--o")).toEqual(["--out"]);
});

test("where anything may stand, bash is left to its file names", () => {
  expect(completed("switchback", "audit", "export", "run-1", "--out", "")).toEqual([]);
  expect(completed("switchback", "pause", "--reason", "")).toEqual([]);
  expect(completed("switchback", "drill", "--")).toEqual([]);
});

test("zsh and fish are told the same words", async () => {
  const zsh = await scriptFor("zsh");
  expect(zsh).toMatch(/^#compdef switchback\n/);
  expect(zsh).toContain('    "failover --mode") compadd -- planned forced; return ;;\n');
  expect(zsh).toContain('    "audit export --out") _files; return ;;\n');
  const fish = await scriptFor("fish");
  expect(fish).toContain("-n '__fish_use_subcommand' -a abort -d 'asks a running switch to stop");
  expect(fish).toMatch(
    /^complete .*'__fish_seen_subcommand_from failover' -l mode -x -a 'planned/m,
  );
  expect(fish).toMatch(/^complete .*from audit; and not .*from export verify' -a verify -d '/m);
});

test("another shell is a wrong call", async () => {
  const { status, err } = await operate({}, ["completion", "tcsh"]);
  expect([status, err]).toEqual([2, expect.stringContaining("choices are bash, zsh, fish")]);
});
