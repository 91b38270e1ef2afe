// The console beside a live lab: a process of its own, since the lab takes over its process's time,
// and since the console is the operator's, who knows nothing of the lab's inside. They meet in
// .switchback/lab.json alone.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../deploy/project-root.ts";

export interface ConsoleProcess {
  /** With the token that opens it. */
  readonly url: string;
  stop(): void;
}

export interface ConsoleSettings {
  readonly labFile: string;
  readonly consolePort?: number;
}

const message = z.object({ url: z.string() });

/** Resolves once it listens and has printed its URL; rejects where it ends before. */
export function startConsoleProcess(settings: ConsoleSettings): Promise<ConsoleProcess> {
  const { labFile, consolePort } = settings;
  const script = join(projectRoot, "operator", "main.ts");
  const port = consolePort === undefined ? [] : ["--port", String(consolePort)];
  const words = ["console", "--target", "lab", "--lab-file", labFile, ...port];
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), script, ...words],
    // Ends with this process: it sees the channel close.
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`the console ended with status ${code}`));
      if (!isStopped) process.stderr.write("The console has ended; the lab goes on.\n");
    });
    child.once("message", (told) => {
      const { url } = message.parse(told);
      resolve({ url, stop });
    });
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      if (child.connected) child.disconnect();
    };
  });
}
