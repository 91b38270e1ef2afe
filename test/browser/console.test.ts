// The console in a real browser, beside a live lab, as `npm start` starts them: break the primary,
// watch the failover, read why, fail back, approve, take the evidence away. Each wait is for what
// the page shows, and generous: the machine may be busy. SWITCHBACK_SCREENSHOTS=1 keeps pictures of
// each view in docs/console.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkBundle } from "../../operator/audit/check.ts";
import { startedSchema } from "../../operator/console/contract.ts";
import { settings } from "../core/world.ts";
import { LiveProcess } from "../lab/live/live-process.ts";
import { Pictures } from "./pictures.ts";
import { findChromium } from "./visitor.ts";

const found = findChromium();
if (found === null) {
  process.stderr.write(
    "\n*** SKIPPED: the console in a browser. No Chromium here: set CHROMIUM_PATH, or install\n" +
      "*** one as a command, such as Debian's chromium-headless-shell.\n\n",
  );
}
/** For the machine, which others use too; the tests take seconds. */
const patience = { timeout: 300_000 };
const soon = { timeout: 120_000 };

/** Runs on the page: the first events of the stream, as text. */
async function readStream(events: number): Promise<string> {
  const reader = (await fetch("/api/events")).body?.getReader();
  let said = "";
  while (reader !== undefined && said.split("event: state").length <= events) {
    const { value } = await reader.read();
    said += new TextDecoder().decode(value);
  }
  await reader?.cancel();
  return said;
}

describe.skipIf(found === null)("The console, in a browser,", () => {
  let folder: string;
  let live: LiveProcess;
  let browser: Browser;
  let page: Page;
  let pictures: Pictures;
  const complaints: string[] = [];

  const go = async (view: string, title: string) => {
    await page.goto(new URL(`/#/${view}`, page.url()).href);
    await page.getByRole("heading", { level: 1, name: title }).waitFor(soon);
  };
  const serving = (region: string): Locator =>
    page.locator('[data-fact="serving"]').getByText(region, { exact: true });
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  /** Of all that the server says while a question waits. */
  const expectNoSecrets = async () => {
    const { credentials, control } = await live.lab();
    const said = await page.evaluate(readStream, 2);
    expect(said).toContain('"approvals":[{');
    for (const secret of [...Object.values(credentials), control.token, control.url, "taskToken"]) {
      expect(said).not.toContain(secret);
    }
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "console-"));
    const configFile = join(folder, "switchback.config.json");
    // A failback after a minute, and an hour to approve it: at this speed that is 3 min.
    const policy = { stabilitySeconds: 60, approvalTimeoutSeconds: 3600 };
    writeFileSync(configFile, JSON.stringify({ ...settings, canaries: false, policy }));
    const words = ["--console", "--speed", "20", "--config", configFile];
    live = new LiveProcess(join(folder, "lab.json"), ...words);
    const { console: url } = await live.lab();
    browser = await chromium.launch({ executablePath: found ?? "", args: ["--no-sandbox"] });
    const context = await browser.newContext({ timezoneId: "Europe/Berlin", colorScheme: "light" });
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // A refusal is said on the page, in words.
      const isComplaint = message.type() === "error" && !/^Failed to load/.test(message.text());
      if (isComplaint) complaints.push(message.text());
    });
    pictures = new Pictures(page);
    // While the page is built, one that says so loads itself again.
    await page.goto(url ?? "");
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await live?.interrupt();
    rmSync(folder, { recursive: true });
  }, 60_000);

  test("shows who serves; its token has left the address", patience, async () => {
    expect(live.told.split("\n")[0]).toMatch(/^Console {7}http:\/\/127\.0\.0\.1:\d+\/\?token=/);
    await serving("us-east-1").waitFor(soon);
    expect(page.url()).not.toContain("token");
    const looks = page.getByRole("row", { name: /^us-east-2/ }).getByText(/^healthy/);
    await expect.poll(() => looks.count(), soon).toBe(2);
    await pictures.take("overview");
  });

  test("says each time in the reader's zone and in UTC", patience, async () => {
    const shown = await page.locator("time").first().innerText();
    expect(shown).toMatch(/\d\d:\d\d:\d\d (CES?T|GMT\+[12]) \(\d\d:\d\d:\d\d UTC\)$/);
  });

  test("can be read at twice the size: nothing is cut off", patience, async () => {
    await page.setViewportSize({ width: 640, height: 450 });
    for (const [view, title] of [
      ["overview", "Overview"],
      ["switch", "Switch"],
      ["history", "History"],
      ["lab", "Lab"],
    ] as const) {
      await go(view, title);
      const overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect([view, await page.evaluate(overflow)]).toEqual([view, 0]);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test("breaks the primary, and shows what its clients feel", patience, async () => {
    await go("lab", "Lab");
    await button("Break it").focus();
    await page.keyboard.press("Enter");
    await page.getByText("region-down us-east-1").first().waitFor(soon);
    await page.locator('[data-fact="success"].bad').waitFor(soon);
    await page.getByText("us-east-1 unreachable").waitFor(soon);
  });

  test("shows the failover as it happens, and the latch", patience, async () => {
    await go("overview", "Overview");
    await serving("us-west-2").waitFor(soon);
    await page.getByText(/^Latched: traffic stays/).waitFor(soon);
    await pictures.take("failed-over");
    await pictures.takeOtherwise("failed-over");
    await go("lab", "Lab");
    await expect
      .poll(() => page.locator('[data-fact="rto"]').innerText(), soon)
      .toMatch(/^\d+ s, /);
    await pictures.take("lab");
  });

  test("tells why", patience, async () => {
    await go("history", "History");
    const name = "automatic failover from us-east-1 to us-west-2";
    const link = page.getByRole("link", { name }).or(page.getByRole("button", { name }));
    // It is on record once it has ended.
    await expect
      .poll(async () => {
        if ((await link.count()) === 0) await button("Read again").click();
        return await link.count();
      }, soon)
      .toBeGreaterThan(0);
    await link.first().click();
    await page
      .getByText(/^Enough votes stand against us-east-1/)
      .first()
      .waitFor(soon);
    await page.getByText("us-west-2 is the writer.").waitFor(soon);
    await pictures.take("history");
  });

  test(
    "heals, previews the failback until nothing blocks it, and starts it",
    patience,
    async () => {
      await go("lab", "Lab");
      await button("Heal all").click();
      await page.getByText("Nothing is broken.").waitFor(soon);
      await go("switch", "Switch");
      await expect
        .poll(async () => {
          const started = page.waitForResponse(/\/api\/switch$/, soon);
          await button("Preview").click();
          const { executionArn } = startedSchema.parse(await (await started).json());
          const ended = `[data-run="${executionArn}"]:not([data-status="RUNNING"])`;
          await page.locator(ended).waitFor(soon);
          return await page.locator("[data-decision]").innerText();
        }, soon)
        .toMatch(/^(Go|Ask)/);
      await button("Start …").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/^planned failback from us-west-2 to us-east-1; then/).waitFor(soon);
      await dialog.getByRole("button", { name: "Start the failback" }).click();
    },
  );

  test(
    "shows what waits for approval, and where the run stands; approves it",
    patience,
    async () => {
      await page.getByRole("heading", { name: /^Approve a failback/ }).waitFor(soon);
      await page.locator('[data-step="approve"][data-state="current"]').waitFor(soon);
      await pictures.take("switch");
      await button("Abort this run").click();
      await page.getByText(/^Before its claim it changes nothing/).waitFor(soon);
      await button("Abort this run").click();
      await expectNoSecrets();
      await page.getByLabel("Reason").first().fill("looks good");
      await button("Approve the failback").click();
      await page
        .getByText(/^Done: planned failback from us-west-2 to us-east-1/)
        .first()
        .waitFor(soon);
      await page.locator('[data-step="record"][data-state="done"]').waitFor(soon);
      await go("overview", "Overview");
      await serving("us-east-1").waitFor(soon);
    },
  );

  test("hands out the evidence, which verifies", patience, async () => {
    await go("history", "History");
    const name = "planned failback from us-west-2 to us-east-1";
    await page.getByRole("link", { name }).or(page.getByRole("button", { name })).first().click();
    const started = page.waitForEvent("download", soon);
    await page.getByRole("link", { name: "Download evidence" }).click();
    const archive = join(folder, "evidence.tar");
    await (await started).saveAs(archive);
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    // The lab's time is ahead of this machine's: -m.
    execFileSync("tar", ["-xmf", archive, "-C", unpacked]);
    const [bundle = ""] = readdirSync(unpacked);
    expect(checkBundle(join(unpacked, bundle)).faults).toEqual([]);
  });

  test("never broke its own rules of what may be loaded", () => {
    expect(complaints).toEqual([]);
  });

  test("says so when its server is gone, and keeps what it showed", patience, async () => {
    await live.interrupt();
    await page.getByText("Server unreachable").waitFor(soon);
    await page.getByRole("heading", { level: 1, name: "History" }).waitFor(soon);
  });
});
