import { expect, it } from "vitest";
import type { View } from "../../../core/contracts/records.ts";
import { viewsThrough } from "../../../functions/watch/views.ts";
import { config, nine } from "../steady.ts";

const view: View = {
  vantage: "us-east-2",
  serving: "us-east-1",
  verdict: "failing",
  since: nine,
  seenAt: nine,
  detail: "",
};

function tables(dead: string[]) {
  const asked: string[] = [];
  const tableIn = (region: string) => ({
    putView: async () => {
      asked.push(region);
      if (dead.includes(region)) throw new Error(`${region} is dead`);
    },
    readViews: async (): Promise<View[]> => [],
  });
  return { asked, tableIn };
}

it("The witness writes through whichever serving Region answered last.", async () => {
  const { asked, tableIn } = tables(["us-east-1"]);
  const views = viewsThrough(config, "us-east-2", tableIn);
  await views.put(view);
  await views.put(view);
  expect(asked).toEqual(["us-east-1", "us-west-2", "us-west-2"]);
});

it("A serving Region writes through its own replica and no other.", async () => {
  const { asked, tableIn } = tables(["us-west-2"]);
  const views = viewsThrough(config, "us-west-2", tableIn);
  await expect(views.put(view)).rejects.toThrow("us-west-2 is dead");
  expect(asked).toEqual(["us-west-2"]);
});

it("With eventual coordination the witness tells both, and is content with one.", async () => {
  const eventual = { ...config, coordination: "eventual" } as const;
  const { asked, tableIn } = tables(["us-east-1"]);
  await viewsThrough(eventual, "us-east-2", tableIn).put(view);
  expect(asked).toEqual(["us-east-1", "us-west-2"]);
  const dead = tables(["us-east-1", "us-west-2"]);
  await expect(viewsThrough(eventual, "us-east-2", dead.tableIn).put(view)).rejects.toThrow(
    "us-east-1 is dead",
  );
});
