// When the hunter may say that it caught a bug: the run fails with it, and passes without it.
import { describe, expect, it } from "vitest";
import type { Disaster } from "../../../lab/hunter/draw.ts";
import type { Order, Report } from "../../../lab/hunter/orders.ts";
import { catchPlanted } from "../../../lab/hunter/self-test.ts";
import { settings as baseConfig } from "../../core/world.ts";

const bug = { name: "forgets", file: "core/a.ts", find: "a", put: "b" };
const disaster = (seed: number): Disaster => ({
  seed,
  world: "passive",
  patient: false,
  scenario: { name: "drawn", description: "Drawn.", until: 1800 },
});

/** `fails`: what each assembly's runs of a seed fail by. */
async function caughtIn(fails: { [folder: string]: { [seed: number]: string } }, runs: number) {
  const told: string[] = [];
  const removed: string[] = [];
  const run = async ({ folder, seed }: Order): Promise<Report> => {
    const why = fails[folder]?.[seed];
    const failures = why === undefined ? [] : [why];
    const verdict = why === undefined ? "pass" : "fail";
    return { verdict, failures, logSha256: "aa", wallMilliseconds: 1 };
  };
  const disasters = Array.from({ length: runs }, (_, index) => disaster(index + 1));
  const caught = await catchPlanted(bug, disasters, {
    ...{ crew: { run }, lanes: 1, baseConfig, say: (text) => told.push(text) },
    assemblyOf: async () => "product",
    onGarden: () => {},
    grow: () => ({ synthesize: async () => "planted", remove: () => void removed.push("garden") }),
  });
  return { caught, told, removed };
}

describe("A planted bug", () => {
  it("is caught by the first run that fails with it alone, and its copy is removed.", async () => {
    const planted = { 2: "Known.", 3: "Found." };
    const { caught, told, removed } = await caughtIn({ planted, product: { 2: "Known." } }, 5);
    expect(caught).toEqual({ bug: "forgets", afterRuns: 3, seed: 3, failures: ["Found."] });
    expect(removed).toEqual(["garden"]);
    expect(told).toContain(
      "Run 2 is fail without the bug, too: npm run simulate -- --runs 1 --seed 2",
    );
    expect(told.some((text) => text.includes("run 4"))).toBe(false);
  });

  it("escapes where no run fails.", async () => {
    const { caught } = await caughtIn({}, 2);
    expect(caught).toEqual({ bug: "forgets", afterRuns: null, seed: null, failures: [] });
  });
});
