import { expect, test } from "vitest";
import { initialState } from "../../../core/plan.ts";
import { controlTableOn } from "../../../functions/adapters/control-table.ts";
import { config, now } from "../../core/world.ts";
import { claimedState } from "../fakes.ts";
import { memoryTable } from "./memory-table.ts";

const steady = initialState(config, now - 86_400_000);
const switching = claimedState(config);

async function tableWith(state: object) {
  const table = memoryTable();
  const control = controlTableOn(table, config);
  await table.put({ pk: "group#orders", sk: "routing" }, state);
  return { table, control };
}

test("A missing routing state is null to who looks for it, and transient to who needs it", async () => {
  const control = controlTableOn(memoryTable(), config);
  expect(await control.findRouting()).toBeNull();
  await expect(control.readRouting()).rejects.toMatchObject({ name: "TransientFault" });
});

test("The routing state is created once", async () => {
  const control = controlTableOn(memoryTable(), config);
  expect(await control.createRouting(steady)).toBe(true);
  expect(await control.createRouting({ ...steady, epoch: 9 })).toBe(false);
  expect((await control.readRouting()).epoch).toBe(1);
});

test("A write of the routing state leaves an operator's pause in between alone", async () => {
  const { control } = await tableWith({ ...switching, automation: "paused" });
  const next = { ...switching, writer: "us-west-2", active: "us-west-2" };
  expect(await control.writeRouting(switching, next)).not.toBeNull();
  const stored = await control.readRouting();
  expect([stored.automation, stored.active]).toEqual(["paused", "us-west-2"]);
});

test("A claim is lost when automation changed since the evidence saw it", async () => {
  const { control } = await tableWith({ ...steady, automation: "paused" });
  const written = await control.writeRouting(steady, switching, { automation: "armed" });
  expect(written).toBeNull();
});

test("A take-over is lost when the holder renewed its lapsed lease meanwhile", async () => {
  const renewed = { executionArn: "arn:holder", until: now + 180_000 };
  const seen = { ...switching, lease: { executionArn: "arn:holder", until: now - 1 } };
  const next = { ...seen, epoch: 3, lease: { executionArn: "arn:other", until: now + 180_000 } };
  const also = { lease: seen.lease };
  const late = await tableWith({ ...seen, lease: renewed });
  expect(await late.control.writeRouting(seen, next, also)).toBeNull();
  const free = await tableWith(seen);
  expect(await free.control.writeRouting(seen, next, also)).toMatchObject({ epoch: 3 });
});

test("A write at another epoch is lost", async () => {
  const { control } = await tableWith({ ...switching, epoch: 3 });
  expect(await control.writeRouting(switching, { ...switching, writer: "us-west-2" })).toBeNull();
});

test("A condition that failed although the item names this execution is success", async () => {
  const { control } = await tableWith(switching);
  const again = { ...switching, claimedAt: now };
  const written = await control.writeRouting(steady, again, { automation: "armed" });
  expect(written?.claimedAt).toBe(now - 10_000);
});

test("A repeated record of the outcome finds it recorded", async () => {
  const ended = { ...switching, phase: "steady" as const, plan: null, lease: null };
  const { control } = await tableWith(ended);
  expect(await control.writeRouting(switching, ended)).toEqual(ended);
});

test("Check ids come back without the item's key", async () => {
  const control = controlTableOn(memoryTable(), config);
  const ids = { "us-east-1": { endpoint: "e", switch: "s", drain: "d", region: "r" } };
  expect(await control.readChecks()).toBeNull();
  await control.putChecks(ids);
  expect(await control.readChecks()).toEqual(ids);
});

test("A Region that never beat has no heartbeat", async () => {
  const control = controlTableOn(memoryTable(), config);
  expect(await control.readHeartbeats()).toEqual({ "us-east-1": null, "us-west-2": null });
});

test("A setting that is over is not taken for one that was made anew meanwhile", async () => {
  const change = { by: "alice", at: now, reason: "", until: now, afterwards: "armed" } as const;
  const seen = { ...steady, automation: "paused" as const, automationChange: change };
  const next = { ...seen, automation: "armed" as const, automationChange: null };
  const also = { automation: "paused", automationUntil: now } as const;
  const anew = await tableWith({ ...seen, automationChange: { ...change, until: now + 1 } });
  expect(await anew.control.writeRouting(seen, next, also)).toBeNull();
  const same = await tableWith(seen);
  expect(await same.control.writeRouting(seen, next, also)).toMatchObject({ automation: "armed" });
});
