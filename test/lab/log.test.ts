import { expect, it } from "vitest";
import { createEventLog } from "../../lab/log.ts";

it("hashes what was emitted, in order", () => {
  const first = createEventLog({ now: () => 1000 });
  const second = createEventLog({ now: () => 1000 });
  first.emit("fault", "us-east-1", { kind: "region-down" });
  expect(first.sha256()).not.toBe(second.sha256());
  second.emit("fault", "us-east-1", { kind: "region-down" });
  expect(first.sha256()).toBe(second.sha256());
  expect(first.sha256()).toBe("af22417913860d1c2ee56bd4a88893aa52f2608d2b924c07a84fa56af453c90f");
});

it("tells listeners synchronously, with the time of the event", () => {
  const log = createEventLog({ now: () => 1000 });
  const seen: unknown[] = [];
  log.on((event) => seen.push(event));
  log.emit("heal", null, { id: "outage" });
  expect(seen).toEqual([{ at: 1000, kind: "heal", region: null, detail: { id: "outage" } }]);
  expect(log.events).toEqual(seen);
});
