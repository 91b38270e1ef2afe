// That a synthesis works, and is reused, is shown by test/scenarios/first-light.test.ts, which has
// one anyway.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { dropStale, sampleApp, synthesize, synthesizeInto } from "../../../lab/deploy/synthesis.ts";
import { config } from "../../core/world.ts";

const manifest = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
});
const assemblies = join(projectRoot, ".switchback", "assemblies");
const drafts = () =>
  existsSync(assemblies)
    ? readdirSync(assemblies).filter((name) => name.endsWith(`.${process.pid}`))
    : [];

test("an app that does not synthesize says why, and leaves nothing behind", {
  timeout: 120_000,
}, async () => {
  const { primary } = config.regions;
  const broken = { ...config, regions: { ...config.regions, secondary: primary } };
  let starts = 0;
  const synthesis = synthesize(broken, () => {
    starts += 1;
    expect(drafts()).toEqual([]);
  });
  await expect(synthesis).rejects.toThrow(
    /^The CDK app did not synthesize\. The worker ended \(status 2\)\. [\s\S]*regions\.secondary/,
  );
  expect(starts).toBe(1);
  expect(drafts()).toEqual([]);
});

test("of two assemblies that one process makes, each has every asset that it names", {
  timeout: 120_000,
}, async () => {
  const parent = mkdtempSync(join(tmpdir(), "assemblies-"));
  const assets = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".assets.json"))
      .flatMap((name) => {
        const { files } = manifest.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
        return Object.values(files).map(({ source }) => join(folder, source.path));
      });
  try {
    for (const [name, lookSeconds] of [
      ["one", 10],
      ["other", 20],
    ] as const) {
      const detection = { ...config.detection, lookSeconds };
      const folder = join(parent, name);
      await synthesizeInto(folder, { ...config, detection }, sampleApp);
      const named = assets(folder);
      expect(named.length).toBeGreaterThan(20);
      expect(named.filter((path) => !existsSync(path))).toEqual([]);
    }
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test.each([
  ["does not await its end", "setTimeout(write, 50);"],
  ["ends its process itself", "write(); process.exit();"],
])("an app that %s is waited for all the same", { timeout: 120_000 }, async (_what, ending) => {
  const folder = mkdtempSync(join(tmpdir(), "app-"));
  const app = join(folder, "app.ts");
  const manifestOf = "join(String(process.env.SWITCHBACK_OUTDIR), 'manifest.json')";
  writeFileSync(
    app,
    `import { writeFileSync } from "node:fs";
    import { join } from "node:path";
    const write = () => writeFileSync(${manifestOf}, "{}");
    ${ending}`,
  );
  try {
    await synthesizeInto(join(folder, "out"), config, app);
    expect(readFileSync(join(folder, "out", "manifest.json"), "utf8")).toBe("{}");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an app that prints why it ends, on standard output, is heard", {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "app-"));
  const app = join(folder, "app.ts");
  writeFileSync(app, `console.log("there is no account"); process.exit(3);`);
  try {
    await expect(synthesizeInto(join(folder, "out"), config, app)).rejects.toThrow(
      "The CDK app did not synthesize. The worker ended (status 3). there is no account",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("sources that changed meanwhile are synthesized as they are now", {
  timeout: 120_000,
}, async () => {
  const copy = mkdtempSync(join(tmpdir(), "project-"));
  for (const part of ["lab/deploy", "lab/crew.ts", "package.json"]) {
    cpSync(join(projectRoot, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(projectRoot, "node_modules"), join(copy, "node_modules"));
  for (const name of ["app", "workflows", "functions", "canaries", "core"]) {
    mkdirSync(join(copy, name));
  }
  writeFileSync(
    join(copy, "app/main.ts"),
    `import { writeFileSync } from "node:fs";
    import { word } from "./word.ts";
    writeFileSync(process.env.SWITCHBACK_OUTDIR + "/manifest.json", word);`,
  );
  try {
    const own = await import(join(copy, "lab/deploy/synthesis.ts"));
    for (const word of ["before", "after"]) {
      writeFileSync(join(copy, "app/word.ts"), `export const word = "${word}";`);
      const folder: string = await own.synthesize(config, () => {});
      expect(readFileSync(join(folder, "manifest.json"), "utf8")).toBe(word);
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test("assemblies that nobody used for six hours go, others stay", () => {
  const parent = mkdtempSync(join(tmpdir(), "assemblies-"));
  const now = Date.UTC(2026, 0, 15, 12);
  for (const [name, hoursAgo] of [
    ["fresh", 5],
    ["stale", 7],
  ] as const) {
    mkdirSync(join(parent, name));
    const used = new Date(now - hoursAgo * 3_600_000);
    utimesSync(join(parent, name), used, used);
  }
  try {
    dropStale(parent, now);
    expect(readdirSync(parent)).toEqual(["fresh"]);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
