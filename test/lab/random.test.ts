import { expect, it } from "vitest";
import { createRandom } from "../../lab/random.ts";

it("draws the same numbers for the same seed and stream, and others for another", () => {
  const draws = (seed: number, stream: string) => {
    const random = createRandom(seed);
    return [random.next(stream), random.next(stream)];
  };
  expect(draws(1, "dns")).toEqual(draws(1, "dns"));
  expect(draws(1, "dns")).not.toEqual(draws(2, "dns"));
  expect(draws(1, "dns")).not.toEqual(draws(1, "clients"));
});

it("leaves a stream's draws as they were when another stream is drawn from", () => {
  const alone = createRandom(7);
  const beside = createRandom(7);
  alone.next("dns");
  beside.next("dns");
  beside.next("new consumer");
  expect(beside.next("dns")).toBe(alone.next("dns"));
});

it("spreads evenly over [0, 1)", () => {
  const random = createRandom(3);
  const tenths = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const tenth = Math.floor(random.next("spread") * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(900);
  expect(Math.max(...tenths)).toBeLessThan(1100);
});

it("makes UUIDs of version 4 in form", () => {
  expect(createRandom(1).uuid("ids")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(createRandom(1).hex("ids", 10)).toHaveLength(10);
});
