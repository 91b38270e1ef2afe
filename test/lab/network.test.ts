import { afterEach, beforeEach, expect, it } from "vitest";
import { installClock, type LabClock } from "../../lab/clock.ts";
import type { Network, Place } from "../../lab/kernel.ts";
import { createNetwork } from "../../lab/network.ts";
import { createRandom } from "../../lab/random.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const east: Place = { region: "us-east-1" };
const west: Place = { region: "us-west-2" };
let clock: LabClock;
let network: Network;
beforeEach(() => {
  clock = installClock({ zero });
  network = createNetwork(clock, createRandom(1));
});
afterEach(() => clock.uninstall());

/** What became of an exchange after ten virtual seconds. */
async function outcome(from: Place, to: string, serve = async () => "served") {
  let result = "silence";
  network.roundTrip(from, to, serve).then(
    (value) => {
      result = value;
    },
    (fault: Error) => {
      result = fault.message;
    },
  );
  await clock.runUntil(clock.now() + 10_000);
  return result;
}

it("takes 1 to 3 ms a leg within a Region and 20 to 90 ms between Regions", () => {
  for (let packet = 0; packet < 200; packet += 1) {
    expect(network.delay(east, "us-east-1")).toBeGreaterThanOrEqual(1);
    expect(network.delay(east, "us-east-1")).toBeLessThan(3);
    expect(network.delay(east, "us-west-2")).toBeGreaterThanOrEqual(20);
    expect(network.delay(east, "us-west-2")).toBeLessThan(90);
  }
});

it("carries the answer or the fault of the far side", async () => {
  expect(await outcome(east, "us-west-2")).toBe("served");
  const refused = await outcome(east, "us-west-2", async () => {
    throw new Error("ECONNREFUSED");
  });
  expect(refused).toBe("ECONNREFUSED");
});

it("spends time on both legs", async () => {
  let servedAt = 0;
  let answeredAt = 0;
  void network
    .roundTrip(east, "us-west-2", async () => {
      servedAt = clock.now() - zero;
    })
    .then(() => {
      answeredAt = clock.now() - zero;
    });
  await clock.runUntil(zero + 1000);
  expect(servedAt).toBeGreaterThan(20);
  expect(answeredAt - servedAt).toBeGreaterThan(20);
});

it("is silent towards and from a Region that is down", async () => {
  network.setDown("us-west-2", true);
  expect(await outcome(east, "us-west-2")).toBe("silence");
  expect(await outcome(west, "us-east-1")).toBe("silence");
  network.setDown("us-west-2", false);
  expect(await outcome(east, "us-west-2")).toBe("served");
});

it("never answers from a Region that died while serving, even when it came back", async () => {
  const slow = async () => {
    await clock.sleep(1000);
    return "served";
  };
  clock.after(500, () => network.setDown("us-west-2", true));
  clock.after(600, () => network.setDown("us-west-2", false));
  expect(await outcome(east, "us-west-2", slow)).toBe("silence");
});

it("loses the answer, not the effect, when only the way back is blocked", async () => {
  network.block("us-west-2", "us-east-1");
  let effects = 0;
  const result = await outcome(east, "us-west-2", async () => {
    effects += 1;
    return "served";
  });
  expect(result).toBe("silence");
  expect(effects).toBe(1);
  expect(network.reachable(east, "us-west-2")).toBe(false);
});

it("counts blocks, and lets the third Region and the internet through", async () => {
  network.block("us-east-1", "us-west-2");
  network.block("us-east-1", "us-west-2");
  network.unblock("us-east-1", "us-west-2");
  expect(network.reachable(east, "us-west-2")).toBe(false);
  expect(network.reachable(east, "us-east-2")).toBe(true);
  expect(network.reachable({ internet: "us-east-1" }, "us-west-2")).toBe(true);
  network.unblock("us-east-1", "us-west-2");
  expect(await outcome(east, "us-west-2")).toBe("served");
});

it("tells when a Region goes down and when it comes back, once each", () => {
  const seen: string[] = [];
  network.onRegion((region, down) => seen.push(`${region} ${down ? "down" : "up"}`));
  network.setDown("us-east-1", true);
  network.setDown("us-east-1", true);
  network.setDown("us-east-1", false);
  expect(seen).toEqual(["us-east-1 down", "us-east-1 up"]);
});
