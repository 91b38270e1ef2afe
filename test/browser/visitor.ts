// A visitor of the website: a real browser whose names lead into the lab, and whose clock runs in
// step with the lab's. After each step both sides are waited for until nothing is under way between
// them, so that no result depends on how fast this machine is.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Doorway } from "./doorway.ts";
import type { LabClient } from "./lab-client.ts";

const stepMilliseconds = 500;
/** Real time for packets between the browser and this process; far more than they need. */
const transitMillisecondsMax = 20_000;

const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** Path of a Chromium, by CHROMIUM_PATH or among the commands; null where there is none. */
export function findChromium(): string | null {
  const { CHROMIUM_PATH: given, PATH = "" } = process.env;
  if (given !== undefined) return given;
  const paths = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

export async function openBrowser(executablePath: string, port: number): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--ignore-certificate-errors",
      `--host-resolver-rules=MAP * 127.0.0.1:${port}`,
    ],
  });
}

export class Visitor {
  readonly page: Page;
  /** What the browser complained of: refused scripts, refused answers. */
  readonly complaints: string[] = [];
  readonly #lab: LabClient;
  readonly #doorway: Doorway;
  #asked = 0;

  private constructor(page: Page, lab: LabClient, doorway: Doorway) {
    this.page = page;
    this.#lab = lab;
    this.#doorway = doorway;
    page.on("request", () => {
      this.#asked += 1;
    });
    const ended = () => {
      this.#asked -= 1;
    };
    page.on("requestfinished", ended);
    page.on("requestfailed", (request) => {
      ended();
      doorway.dropPreflights(new URL(request.url()).pathname);
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** `at`: what the visitor's clock shows. */
  static async arrive(browser: Browser, lab: LabClient, doorway: Doorway, at: Date) {
    const page = await browser.newPage();
    await page.clock.install({ time: at });
    await page.clock.pauseAt(at.getTime() + 1000);
    return new Visitor(page, lab, doorway);
  }

  /** Loads, while time passes in the lab; resolves with the headers and the virtual seconds. */
  async load(what: () => ReturnType<Page["goto"]>) {
    let seconds = 0;
    let isLoaded = false;
    const loading = what().finally(() => {
      isLoaded = true;
    });
    // Told below, unless something else goes wrong before.
    loading.catch(() => {});
    while (seconds < 60) {
      await this.#asks(() => isLoaded);
      if (isLoaded) break;
      await this.#lab.advance(stepMilliseconds);
      await this.#quiet(() => isLoaded);
      seconds += stepMilliseconds / 1000;
    }
    const response = await loading;
    if (response === null) throw new Error("the page was not loaded anew");
    return { status: response.status(), headers: response.headers(), seconds };
  }

  /** Lets so many virtual seconds pass, or fewer where something comes true; resolves with them. */
  async pass(seconds: number, until: () => Promise<boolean> = async () => false): Promise<number> {
    for (let passed = 0; passed < seconds; passed += stepMilliseconds / 1000) {
      if (await until()) return passed;
      await this.#lab.advance(stepMilliseconds);
      await this.#quiet();
      await this.page.clock.runFor(stepMilliseconds);
      await this.#quiet();
    }
    return seconds;
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? "";
  }

  /** Until the browser waits for something: its own thinking takes none of the lab's time. */
  async #asks(isOver: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + transitMillisecondsMax;
    while (this.#asked === 0 && !isOver() && performance.now() < giveUpAt) {
      await new Promise((resume) => setTimeout(resume, 1));
    }
  }

  /** Until what the browser waits for is what the lab has to answer, and nothing in between. */
  async #quiet(isOver: () => boolean = () => false): Promise<void> {
    const giveUpAt = performance.now() + transitMillisecondsMax;
    while (this.#asked !== this.#doorway.held && !isOver()) {
      if (performance.now() > giveUpAt) {
        throw new Error(`${this.#asked} asked, ${this.#doorway.held} held: lost in between`);
      }
      await new Promise((resume) => setTimeout(resume, 1));
    }
  }
}
