// A command of the project as its users start it: a process of its own, with status and streams.
import { spawn } from "node:child_process";
import { projectRoot } from "../../lab/deploy/project-root.ts";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `script` is a path from the project's root. */
export const command = (script: string, ...words: string[]): Promise<Ended> =>
  run(process.env.INIT_CWD, script, words);

/** `caller`: the folder from which npm was called; it runs scripts at the project's root. */
function run(caller: string | undefined, script: string, words: readonly string[]): Promise<Ended> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ["--import", "tsx", script, ...words], {
      cwd: projectRoot,
      env: { ...process.env, INIT_CWD: caller },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", failed);
    child.on("close", (status) => {
      done({
        status,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      });
    });
  });
}

export const drill = (...words: string[]) => command("lab/drill.ts", ...words);

export const drillFrom = (caller: string, ...words: string[]) => run(caller, "lab/drill.ts", words);
