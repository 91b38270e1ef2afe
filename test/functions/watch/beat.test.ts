import { expect, it } from "vitest";
import type { Stamp } from "../../../core/contracts/records.ts";
import { beat } from "../../../functions/watch/beat.ts";
import { nine, steady } from "../steady.ts";

function world(found: () => Promise<ReturnType<typeof steady> | null>) {
  const stamps: Stamp[] = [];
  const beats: number[] = [];
  const ports = {
    control: {
      findRouting: found,
      async beat(_region: string, at: number) {
        beats.push(at);
      },
    },
    application: {
      async beat(_at: number, stamp: Stamp) {
        stamps.push(stamp);
      },
    },
    now: () => nine,
  };
  return { ports, stamps, beats };
}

it("stamps a container's first beat with the epoch that stands, and reads it once", async () => {
  let read = 0;
  const { ports, stamps } = world(async () => {
    read += 1;
    return steady({ epoch: 7 });
  });
  const known = { epoch: 0 };
  await beat("us-east-1", known, ports);
  await beat("us-east-1", known, ports);
  expect(stamps.map(({ writerEpoch }) => writerEpoch)).toEqual([7, 7]);
  expect(read).toBe(1);
});

it("beats also where the epoch can't be read", async () => {
  const { ports, stamps, beats } = world(async () => {
    throw new Error("no quorum");
  });
  await beat("us-east-1", { epoch: 0 }, ports);
  expect(stamps.map(({ writerEpoch }) => writerEpoch)).toEqual([0]);
  expect(beats).toEqual([nine]);
});
