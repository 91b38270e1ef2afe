// Which deployment is meant, by lab files written to a folder of the test's own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WrongCall } from "../../operator/desk.ts";
import { findTarget, type TargetOptions } from "../../operator/target.ts";
import { settings } from "../core/world.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "target-"));
  mkdirSync(join(folder, ".switchback"));
  writeFileSync(join(folder, "switchback.config.json"), JSON.stringify(settings));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lab = {
  pid: 4711,
  startedAt: "2026-01-15T09:00:00Z",
  speed: 10,
  awsEndpoint: "http://127.0.0.1:4566",
  dns: { address: "127.0.0.1", port: 5353 },
  credentials: { accessKeyId: "ASIA1", secretAccessKey: "secret", sessionToken: "token" },
  roles: {
    viewer: { accessKeyId: "ASIA2", secretAccessKey: "secret", sessionToken: "token" },
    approver: { accessKeyId: "ASIA3", secretAccessKey: "secret", sessionToken: "token" },
  },
  config: { ...settings, application: "carts" },
};
const writeLab = (file: unknown = lab) =>
  writeFileSync(join(folder, ".switchback", "lab.json"), JSON.stringify(file));
const find = (options: TargetOptions = {}, isAlive = true) =>
  findTarget(options, { folder, isAlive: (pid) => pid === 4711 && isAlive });

test("a live lab is meant where one runs, with its endpoint, keys and configuration", () => {
  writeLab();
  const { target, connection, config } = find();
  expect(target).toEqual({ kind: "lab", words: "the live lab (process 4711, speed 10)" });
  expect(connection).toEqual({
    endpoint: "http://127.0.0.1:4566",
    credentials: { accessKeyId: "ASIA1", secretAccessKey: "secret", sessionToken: "token" },
  });
  expect(config.application).toBe("carts");
});

test("a profile in the lab is one of its roles, with keys of its own", () => {
  writeLab();
  const { target, connection } = find({ profile: "viewer" });
  expect(target.words).toBe("the live lab (process 4711, speed 10, as its viewer)");
  expect(connection.credentials?.accessKeyId).toBe("ASIA2");
  expect(() => find({ profile: "oncall" })).toThrow(
    "--profile in the lab is viewer, approver, not oncall.",
  );
});

test("the lab's configuration may be a path", () => {
  writeLab({ ...lab, config: "switchback.config.json" });
  expect(find().config.application).toBe("orders");
});

test("AWS is meant without a lab, with a dead one, with a file that is none, and when named", () => {
  expect(find().target).toEqual({
    kind: "aws",
    words: "AWS (your default credentials; no live lab runs here)",
  });
  expect(find({ target: "aws" }).target.words).toBe("AWS (your default credentials)");
  writeLab();
  expect(find({}, false).target.kind).toBe("aws");
  expect(find({ target: "aws", profile: "oncall" })).toMatchObject({
    target: { words: "AWS (profile oncall)" },
    connection: { profile: "oncall" },
  });
  writeLab({ pid: "x" });
  expect(find().target.kind).toBe("aws");
});

test("what can't be meant is a wrong call, with what to do", () => {
  expect(() => find({ target: "lab" })).toThrow("start one with npm run lab");
  expect(() => find({ target: "moon" })).toThrow("--target is lab or aws, not moon.");
  expect(() => find({ config: "none.json" })).toThrow("name one with --config");
  writeFileSync(join(folder, "bad.json"), JSON.stringify({ ...settings, topology: "ring" }));
  expect(() => find({ config: "bad.json" })).toThrow(/bad.json is refused:\n\$\.topology: must be/);
  writeLab();
  expect(() => find({ profile: "oncall" })).toThrow(WrongCall);
});
