// A live lab as its users start it: a process of its own, with a lab.json of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { type LabFile, labFileSchema } from "../../../lab/live/lab-file.ts";

export class LiveProcess {
  readonly #child: ChildProcess;
  #told = "";
  /** Resolves with the status when the process is gone. */
  readonly ended: Promise<number | null>;

  constructor(
    readonly file: string,
    ...words: string[]
  ) {
    const command = ["--import", "tsx", "lab/live/main.ts", "--lab-file", file, ...words];
    this.#child = spawn(process.execPath, command, {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const hear = (chunk: Buffer) => {
      this.#told += chunk.toString();
    };
    this.#child.stdout?.on("data", hear);
    this.#child.stderr?.on("data", hear);
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** All that it has printed. */
  get told(): string {
    return this.#told;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when it has printed that. */
  says(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => this.#told.includes(text) && resolve();
      this.#child.stdout?.on("data", look);
      void this.ended.then(() => reject(new Error(`ended without "${text}":\n${this.#told}`)));
      look();
    });
  }

  async lab(): Promise<LabFile> {
    await this.says("Ctrl-C ends it");
    return labFileSchema.parse(JSON.parse(readFileSync(this.file, "utf8")));
  }

  async interrupt(): Promise<number | null> {
    this.#child.kill("SIGINT");
    return this.ended;
  }

  get fileExists(): boolean {
    return existsSync(this.file);
  }
}
