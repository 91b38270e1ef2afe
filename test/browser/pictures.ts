// Pictures of the console's views for the documentation, one of them in dark and at twice the size,
// too: only where they are asked for, so that a test leaves the tree as it was.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { projectRoot } from "../../lab/deploy/project-root.ts";

const folder = join(projectRoot, "docs", "console");
const size = { width: 1280, height: 900 };

export class Pictures {
  readonly #page: Page;
  readonly #isAsked = process.env.SWITCHBACK_SCREENSHOTS === "1";

  constructor(page: Page) {
    this.#page = page;
  }

  async take(view: string): Promise<void> {
    if (!this.#isAsked) return;
    mkdirSync(folder, { recursive: true });
    await this.#shoot(view);
  }

  /** In dark, and at twice the size. */
  async takeOtherwise(view: string): Promise<void> {
    if (!this.#isAsked) return;
    await this.#page.setViewportSize({ width: 640, height: 450 });
    await this.#shoot(`${view}-200-percent`);
    await this.#page.setViewportSize(size);
    await this.#page.getByRole("button", { name: "Turn dark" }).click();
    await this.#shoot(`${view}-dark`);
    await this.#page.getByRole("button", { name: "Turn light" }).click();
  }

  async #shoot(name: string): Promise<void> {
    await this.#page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
}
