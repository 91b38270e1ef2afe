// Progress is the one part of the lab that lives in real time: here it is a clock that is turned.
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Progress } from "../../../lab/report/progress.ts";

let now: number;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function progress(isTTY: boolean) {
  const written: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY });
  stream.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  return { written, progress: new Progress(stream as unknown as NodeJS.WriteStream) };
}

test("a log gets a line at the start, and then one every five seconds at most", () => {
  const { written, progress: one } = progress(false);
  one.start("Running a drill");
  for (now = 100; now <= 10_200; now += 100) one.say(`${now} ms`);
  one.done();
  expect(written).toEqual([
    "Running a drill …\n",
    "Running a drill … 5000 ms\n",
    "Running a drill … 10000 ms\n",
  ]);
});

test("a terminal sees one line, rewritten and wiped at the end", () => {
  const { written, progress: one } = progress(true);
  one.start("Running");
  for (now = 100; now <= 500; now += 100) one.say(`${now} ms`);
  one.done();
  one.done();
  expect(written).toEqual([
    "\r\x1b[KRunning …",
    "\r\x1b[KRunning … 200 ms",
    "\r\x1b[KRunning … 400 ms",
    "\r\x1b[K",
  ]);
});

test("what never started has nothing to wipe", () => {
  const { written, progress: one } = progress(true);
  one.done();
  expect(written).toEqual([]);
});
