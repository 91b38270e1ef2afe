import { expect, test } from "vitest";
import { believed, type Stand } from "../../../functions/shift-traffic/move-levers.ts";

const stays: Stand = {
  region: "us-west-2",
  desired: { switch: "released", drain: "released" },
  standing: ["switch"],
  moves: false,
  drainUnread: true,
};

test("A Region that stays in is believed to be in while the name servers send clients there", () => {
  expect(believed(stays, ["us-east-1", "us-west-2"]).standing).toEqual(["switch", "drain"]);
  expect(believed(stays, ["us-west-2"]).standing).toEqual(["switch", "drain"]);
});

test("It is not believed where they don't, or don't say", () => {
  expect(believed(stays, ["us-east-1"]).standing).toEqual(["switch"]);
  expect(believed(stays, null).standing).toEqual(["switch"]);
});

test("What was read is not overruled, nor a lever that the plan moves", () => {
  const answers = ["us-east-1", "us-west-2"];
  expect(believed({ ...stays, drainUnread: false }, answers).standing).toEqual(["switch"]);
  expect(believed({ ...stays, moves: true }, answers).standing).toEqual(["switch"]);
});
