import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type LabFile,
  refuseSecondLab,
  removeLabFile,
  updateLabFile,
  writeLabFile,
} from "../../../lab/live/lab-file.ts";
import { config } from "../../core/world.ts";

let folder: string;
let file: string;
const lab: LabFile = {
  pid: process.pid,
  startedAt: "2026-01-15T09:00:00.000Z",
  speed: 1,
  awsEndpoint: "http://127.0.0.1:1",
  dns: { host: "127.0.0.1", port: 2 },
  api: "http://127.0.0.1:3",
  credentials: { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" },
  roles: { viewer: { accessKeyId: "d", secretAccessKey: "e", sessionToken: "f" } },
  config,
  console: null,
  control: { url: "http://127.0.0.1:4", token: "t" },
};
const speed = () => JSON.parse(readFileSync(file, "utf8")).speed;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lab-file-"));
  file = join(folder, "lab.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("it is written whole, with nothing beside it, and removed by its owner", () => {
  writeLabFile(file, lab);
  expect(readdirSync(folder)).toEqual(["lab.json"]);
  updateLabFile(file, { ...lab, speed: 7 });
  expect(speed()).toBe(7);
  removeLabFile(file);
  expect(readdirSync(folder)).toEqual([]);
});

test("one that a live process owns is never replaced, changed or removed", () => {
  // The process that started this one.
  writeFileSync(file, JSON.stringify({ pid: process.ppid, speed: 3 }));
  expect(() => refuseSecondLab(file)).toThrow(`A live lab runs already (process ${process.ppid}`);
  expect(() => writeLabFile(file, lab)).toThrow("A live lab runs already");
  updateLabFile(file, lab);
  removeLabFile(file);
  expect(speed()).toBe(3);
  expect(readdirSync(folder)).toEqual(["lab.json"]);
});

test("half a file, or one of a process that is gone, is replaced", () => {
  for (const text of ['{"pid":', JSON.stringify({ pid: 2 ** 30 })]) {
    writeFileSync(file, text);
    writeLabFile(file, lab);
    expect(speed()).toBe(1);
    removeLabFile(file);
  }
});
