// The lab's process as its user sees it: commands as functions that resolve when they are done.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { answerSchema, type Command, type LabResponse, type SentRequest } from "./messages.ts";

type Unnumbered = Command extends infer C ? (C extends Command ? Omit<C, "id"> : never) : never;

export class LabClient {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (response: LabResponse | null) => void>();
  #count = 0;
  /** Resolves when the lab has warmed up, and rejects when its process ends before. */
  readonly started: Promise<void>;

  constructor(configFile: string, assembly: string) {
    this.#process = fork(join(import.meta.dirname, "lab-process.ts"), [configFile, assembly], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.started = new Promise((resolve, reject) => {
      this.#waiting.set(0, () => resolve());
      this.#process.on("exit", (code) => reject(new Error(`the lab ended with ${code}`)));
    });
    this.#process.on("message", (message) => {
      const { id, response } = answerSchema.parse(message);
      this.#waiting.get(id)?.(response);
      this.#waiting.delete(id);
    });
  }

  async advance(milliseconds: number): Promise<void> {
    await this.#ask({ kind: "advance", milliseconds });
  }

  async setDown(region: string, isDown: boolean): Promise<void> {
    await this.#ask({ kind: "set-down", region, isDown });
  }

  /** The Region's bucket with the website's page, and all that is in it. */
  async deletePage(region: string): Promise<void> {
    await this.#ask({ kind: "delete-page", region });
  }

  /** Never resolves when packets are lost. */
  async exchange(request: SentRequest): Promise<LabResponse> {
    const response = await this.#ask({ kind: "exchange", request });
    if (response === null) throw new Error("an exchange ended without a response");
    return response;
  }

  stop(): void {
    this.#process.disconnect();
  }

  #ask(command: Unnumbered): Promise<LabResponse | null> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ ...command, id });
    });
  }
}
