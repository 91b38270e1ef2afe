// The bundles: what Lambda and the lab both run.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, projectFolder } from "../../app/bundles.ts";
import { ordersApi } from "../../app/orders-api.ts";

const folder = mkdtempSync(join(tmpdir(), "switchback-bundles-"));
const contents = (into: string) =>
  Object.fromEntries(
    readdirSync(into, { recursive: true, encoding: "utf8" })
      .filter((file) => statSync(join(into, file)).isFile())
      .sort()
      .map((file) => [file, readFileSync(join(into, file), "utf8")]),
  );

describe("bundles", () => {
  let first: Record<string, string> = {};
  let second: Record<string, string> = {};
  beforeAll(async () => {
    await bundle(join(folder, "first"), ordersApi);
    await bundle(join(folder, "second"), ordersApi);
    first = contents(join(folder, "first"));
    second = contents(join(folder, "second"));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test("hold one file a function, and the canary where Synthetics looks for it", () => {
    expect(Object.keys(first)).toEqual([
      "canary/nodejs/node_modules/journey.js",
      "check-drain/index.js",
      "claim-epoch/index.js",
      "decide/index.js",
      "fence-source/index.js",
      "gather-evidence/index.js",
      "look/index.js",
      "on-signal/index.js",
      "orders-api/index.js",
      "process-events/index.js",
      "promote-target/index.js",
      "record-outcome/index.js",
      "request-approval/index.js",
      "shift-traffic/index.js",
      "verify-shift/index.js",
      "watch/index.js",
    ]);
  });

  test("are the same bytes each time, and know nothing of the machine that built them", () => {
    expect(second).toEqual(first);
    expect(Object.keys(first).filter((file) => first[file]?.includes(projectFolder))).toEqual([]);
  });

  test("leave the SDK to the runtime, and clients that are never asked for out altogether", () => {
    const required = (file: string) =>
      [...(first[file] ?? "").matchAll(/require\("(@aws-sdk\/[^"]+)"\)/g)].map(([, name]) => name);
    expect([...new Set(required("look/index.js"))]).toEqual([]);
    expect([...new Set(required("decide/index.js"))].sort()).toEqual([
      "@aws-sdk/client-dynamodb",
      "@aws-sdk/lib-dynamodb",
    ]);
  });

  test("hold what they use of zod, which is English alone of its fifty languages", () => {
    const languages = (file: string) =>
      [...(first[file] ?? "").matchAll(/^\/\/ node_modules\/zod\/v4\/locales\/(\w+)\.js$/gm)].map(
        ([, name]) => name,
      );
    expect(Object.keys(first).map(languages)).toEqual(Array(16).fill(["en"]));
  });
});
