// The command as a user calls it: its own process, exit status and streams.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function check(...args: string[]) {
  const command = ["--import", "tsx", "core/config/check.ts", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

// Five processes on a busy machine.
describe("config:check", { timeout: 60_000 }, () => {
  it("accepts the project's configuration and prints the arithmetic of both outages.", () => {
    const { status, stdout, stderr } = check();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("switchback.config.json: accepted");
    expect(stdout).toContain("Hard outage, worst case: 113 s");
    expect(stdout).toContain("Gray failure (/health stays green), worst case");
  });

  it("refuses a file with status 2, its faults on stderr.", () => {
    const { status, stdout, stderr } = check("tsconfig.json");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("$.application: is missing");
    expect(stderr).toContain("$.compilerOptions: is not a key of the configuration");
  });

  it("prints only JSON with --json.", () => {
    const { status, stdout } = check("--json", "no-such-file.json");
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, faults: [{ path: "$" }] });
  });

  it("explains itself, and refuses what it doesn't know.", () => {
    expect(check("--help")).toMatchObject({ status: 0, stderr: "" });
    expect(check("--hlep")).toMatchObject({ status: 2, stdout: "" });
  });
});
