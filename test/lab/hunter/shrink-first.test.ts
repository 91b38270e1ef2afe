// What `--shrink` says of a hunt's first failure, around scripted runs.
import { describe, expect, it } from "vitest";
import type { ScenarioFile } from "../../../lab/hunter/draw.ts";
import type { Report } from "../../../lab/hunter/orders.ts";
import { shrinkFirst } from "../../../lab/hunter/shrink-first.ts";

const scenario: ScenarioFile = {
  name: "drawn",
  description: "Drawn.",
  traffic: { clients: 5, requestsPerSecond: 0.3, writeShare: 0.5 },
  timeline: [
    { at: 60, crash: "region-switch" },
    { at: 300, heal: "all" },
  ],
  until: 1200,
};
const unserved = "3 of the 9 requests of the last minute failed, though all was well.";

/** Whatever is run fails in the same way. */
async function shrunk(verdict: Report["verdict"], failures: string[]) {
  const told: string[] = [];
  const report: Report = { verdict, failures, logSha256: "aa", wallMilliseconds: 1 };
  let runs = 0;
  const disaster = { seed: 7, world: "passive", patient: false, scenario };
  await shrinkFirst([{ disaster, report }], {
    crew: {
      run: async () => {
        runs += 1;
        return report;
      },
    },
    assemblyOf: async () => "folder",
    say: (text) => told.push(text),
    write: (name) => `/there/${name}`,
  });
  return { runs, said: told.filter((text) => !/^(Run 7:|Shrinking, trial) /.test(text)) };
}

const smallest =
  "Smallest after 1 runs: npm run drill -- /there/simulated-7.json --seed 7 --no-baseline";

describe("Shrinking the first failure", () => {
  it("names the command that plays the smallest one.", async () => {
    expect(await shrunk("fail", ["Lost."])).toEqual({ runs: 1, said: [smallest] });
  });

  it("says that a drill doesn't judge what only the hunter does.", async () => {
    expect((await shrunk("fail", [unserved])).said).toEqual([
      smallest,
      "That plays it and may pass: whether customers are served at rest, only simulate judges.",
    ]);
    expect((await shrunk("fail", [unserved, "Lost."])).said).toEqual([smallest]);
  });

  it("leaves alone what failed because two runs left different logs.", async () => {
    const differ = "Two runs of this seed left different logs: aa, bb.";
    expect(await shrunk("fail", [differ, "Lost."])).toEqual({
      runs: 0,
      said: [
        "Run 7 left different logs when it was made twice. Shrinking makes every run once and " +
          "compares none: nothing is shrunk.",
      ],
    });
  });

  it("has nothing to do where nothing failed.", async () => {
    expect(await shrunk("inconclusive", ["It broke."])).toEqual({
      runs: 0,
      said: ["Nothing failed: there is nothing to shrink."],
    });
  });
});
