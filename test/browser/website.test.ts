// The website in a real browser, against the lab: what a visitor sees when a Region dies. Needs a
// Chromium, found by CHROMIUM_PATH or among the commands; where there is none, it says so loudly.
// SWITCHBACK_SCREENSHOT=FILE keeps a picture of the page after the failover.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkedConfig } from "../../core/config/load.ts";
import { synthesize } from "../../lab/deploy/synthesis.ts";
import { settings } from "../core/world.ts";
import { Doorway } from "./doorway.ts";
import { LabClient } from "./lab-client.ts";
import { findChromium, openBrowser, Visitor } from "./visitor.ts";

const found = findChromium();
if (found === null) {
  process.stderr.write(
    "\n*** SKIPPED: the website in a browser. No Chromium here: set CHROMIUM_PATH, or install\n" +
      "*** one as a command, such as Debian's chromium-headless-shell.\n\n",
  );
}
/** For the machine, which others use too; the tests take seconds. */
const patience = { timeout: 300_000 };
const site = "https://www.example.com/";

describe.skipIf(found === null)("The website, in a browser,", () => {
  let folder: string;
  let lab: LabClient;
  let doorway: Doorway;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    const config = checkedConfig({ ...settings, frontend: true, canaries: false });
    folder = mkdtempSync(join(tmpdir(), "website-"));
    const configFile = join(folder, "switchback.config.json");
    writeFileSync(configFile, JSON.stringify(config));
    lab = new LabClient(configFile, await synthesize(config, () => {}));
    doorway = new Doorway(lab);
    browser = await openBrowser(found ?? "", await doorway.open());
    await lab.started;
    visitor = await Visitor.arrive(browser, lab, doorway, new Date("2026-01-15T09:00:00Z"));
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    doorway?.close();
    lab?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  test("loads with what keeps a browser safe, and places orders.", patience, async () => {
    const { status, headers } = await visitor.load(() => visitor.page.goto(site));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringContaining("connect-src https://api.example.com;"),
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    await visitor.pass(20);
    expect(await visitor.text("status")).toBe("us-east-1 answers.");
    expect(await visitor.text("last-outage")).toBe("none yet");
    expect(Number(await visitor.text("orders"))).toBeGreaterThan(5);
    expect(visitor.complaints).toEqual([]);
  });

  test("goes on by itself in the other Region when its own dies.", patience, async () => {
    await visitor.page.evaluate('globalThis.mark = "never loaded again"');
    await lab.setDown("us-east-1", true);
    const fails = async () => (await visitor.text("status")).startsWith("Requests fail.");
    expect(await visitor.pass(15, fails)).toBeLessThan(15);
    await visitor.pass(3);
    expect(Number.parseInt(await visitor.text("failing"), 10)).toBeGreaterThanOrEqual(3);

    const moved = async () => (await visitor.text("region")) === "us-west-2";
    expect(await visitor.pass(240, moved)).toBeLessThan(240);
    await visitor.pass(5);
    expect(await visitor.text("status")).toBe("us-west-2 answers.");
    const changes = await visitor.page.locator("#changes li").allTextContents();
    const sentences = changes.map((line) => line.replace(/^.*?(?=[A-Z][a-z]+ |us-)/, ""));
    expect(sentences.map((line) => line.replace(/for \d+ s/, "for N s"))).toEqual([
      "us-west-2 answers, no longer us-east-1.",
      "Requests had failed for N s.",
      "Requests fail: nobody answered in time.",
      "us-east-1 answers.",
    ]);
    const outage = Number.parseInt(await visitor.text("last-outage"), 10);
    expect(outage).toBeGreaterThan(30);
    expect(outage).toBeLessThanOrEqual(180);
    expect(await visitor.text("all-outages")).toBe(`${outage} s`);
    expect(await visitor.page.evaluate("globalThis.mark")).toBe("never loaded again");
    expect(visitor.page.url()).toBe(site);
    const picture = process.env.SWITCHBACK_SCREENSHOT;
    if (picture !== undefined) await visitor.page.screenshot({ path: picture, fullPage: true });
  });

  test("loads from the other Region's bucket while its own is down.", patience, async () => {
    const { status, seconds } = await visitor.load(() => visitor.page.reload());
    expect(status).toBe(200);
    // Each file that the page consists of waits 4 s for a connection to the dead Region's bucket.
    expect(seconds).toBeLessThan(30);
    await visitor.pass(10);
    expect(await visitor.text("status")).toBe("us-west-2 answers.");
  });

  test(
    "loads when the primary's bucket is gone, though its Region is well.",
    patience,
    async () => {
      await lab.setDown("us-east-1", false);
      await lab.deletePage("us-east-1");
      const { status, seconds } = await visitor.load(() => visitor.page.reload());
      expect(status).toBe(200);
      expect(seconds).toBeLessThan(5);
      await visitor.pass(10);
      expect(await visitor.text("status")).toBe("us-west-2 answers.");
    },
  );
});
