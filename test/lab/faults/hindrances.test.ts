// What a call of a hindered service's endpoint is answered, and whom a fault concerns.
import { describe, expect, test } from "vitest";
import {
  delayOf,
  fails,
  Hindrances,
  type StandingFault,
  stops,
} from "../../../lab/faults/hindrances.ts";
import type { AwsRequest, AwsService, HinderedService } from "../../../lab/kernel.ts";
import { createRandom } from "../../../lab/random.ts";

const region = "eu-west-1";
const fault = (mode: StandingFault["mode"], share = 1): StandingFault => ({
  mode,
  share,
  seconds: 7,
});

const request = (service: string, more: Partial<AwsRequest> = {}): AwsRequest => ({
  service,
  region,
  method: "POST",
  path: "/",
  query: {},
  headers: {},
  body: "",
  principal: { arn: "arn:aws:iam::123456789012:role/caller", kind: "role" },
  from: { internet: region },
  ...more,
});

/** Says its errors as they are given. */
const endpoint: AwsService = {
  name: "any",
  demands: () => null,
  handle: () => Promise.reject(new Error("nobody planned this")),
  error: (_request, code, _message, status) => ({ status, headers: {}, body: code }),
};

/** What a call of that service meets while one of it is hindered. */
function met(service: HinderedService, mode: StandingFault["mode"], asked: AwsRequest) {
  const hindrances = new Hindrances(createRandom(1));
  hindrances.add(region, service, fault(mode));
  return hindrances.atTheDoor(asked, endpoint);
}

const errors: [HinderedService, string, string, string][] = [
  ["dynamodb", "dynamodb", "500 InternalServerError", "400 ThrottlingException"],
  ["lambda", "lambda", "500 ServiceException", "429 TooManyRequestsException"],
  ["states", "states", "500 InternalFailure", "400 ThrottlingException"],
  ["cloudwatch", "monitoring", "500 InternalServiceFault", "400 Throttling"],
  ["sns", "sns", "500 InternalError", "429 Throttled"],
  ["sqs", "sqs", "500 InternalFailure", "400 RequestThrottled"],
  ["ssm", "ssm", "500 InternalServerError", "400 ThrottlingException"],
];

describe("a call of a hindered service", () => {
  test.each(errors)(
    "of %s is refused in that service's words",
    (service, wire, error, throttle) => {
      const said = (mode: "error" | "throttle") => {
        const answer = met(service, mode, request(wire));
        if (answer === null || typeof answer === "string" || !("status" in answer)) return answer;
        return `${answer.status} ${answer.body}`;
      };
      expect([said("error"), said("throttle")]).toEqual([error, throttle]);
    },
  );

  test("is not answered, finds no address, or waits", () => {
    expect(met("ssm", "unreachable", request("ssm"))).toBe("hang");
    expect(met("ssm", "no-dns", request("ssm"))).toBe("no-dns");
    expect(met("ssm", "slow", request("ssm"))).toEqual({ delayMilliseconds: 7000 });
  });

  test("meets nothing of another service, of another Region, or healed", () => {
    const hindrances = new Hindrances(createRandom(1));
    const heal = hindrances.add(region, "sns", fault("error"));
    expect(hindrances.atTheDoor(request("sqs"), endpoint)).toBeNull();
    expect(hindrances.atTheDoor(request("sns", { region: "eu-west-2" }), endpoint)).toBeNull();
    heal();
    expect(hindrances.atTheDoor(request("sns"), endpoint)).toBeNull();
  });

  test("meets the worst of what stands, whichever came first, and waits for all that is slow", () => {
    const hindrances = new Hindrances(createRandom(1));
    const meets = () => hindrances.atTheDoor(request("sqs"), endpoint);
    hindrances.add(region, "sqs", fault("slow"));
    hindrances.add(region, "sqs", fault("slow", 0));
    const healSlow = hindrances.add(region, "sqs", fault("slow"));
    expect(meets()).toEqual({ delayMilliseconds: 14_000 });
    healSlow();
    hindrances.add(region, "sqs", fault("no-dns"));
    expect(meets()).toBe("no-dns");
    hindrances.add(region, "sqs", fault("throttle"));
    const healError = hindrances.add(region, "sqs", fault("error"));
    expect(meets()).toMatchObject({ status: 500 });
    healError();
    expect(meets()).toMatchObject({ status: 400, body: "RequestThrottled" });
    const heal = hindrances.add(region, "sqs", fault("unreachable"));
    expect(meets()).toBe("hang");
    heal();
    expect(meets()).toMatchObject({ status: 400 });
  });

  test("is hit by the share of its fault, drawn by the seed", () => {
    const drawn = () => {
      const hindrances = new Hindrances(createRandom(1));
      hindrances.add(region, "sns", fault("unreachable", 0.3));
      return Array.from({ length: 1000 }, () => hindrances.atTheDoor(request("sns"), endpoint));
    };
    const hit = drawn().filter((one) => one === "hang").length;
    expect(hit).toBeGreaterThan(250);
    expect(hit).toBeLessThan(350);
    expect(drawn()).toEqual(drawn());
  });

  test("of PutEvents fails whole, or by the entry in an answer that says 200", () => {
    const hindrances = new Hindrances(createRandom(1));
    hindrances.add(region, "events", fault("error"));
    const put = request("events", {
      headers: { "x-amz-target": "AWSEvents.PutEvents" },
      body: JSON.stringify({ Entries: [{}, {}] }),
    });
    const said = Array.from({ length: 20 }, () =>
      JSON.stringify(hindrances.atTheDoor(put, endpoint)),
    );
    expect(new Set(said.map((one) => /"status":(\d+)/.exec(one)?.[1]))).toEqual(
      new Set(["200", "500"]),
    );
    const whole = said.find((one) => one.includes('"status":200')) ?? "";
    expect(JSON.parse(JSON.parse(whole).body)).toEqual({
      FailedEntryCount: 2,
      Entries: [
        { ErrorCode: "InternalFailure", ErrorMessage: "An internal error occurred." },
        { ErrorCode: "InternalFailure", ErrorMessage: "An internal error occurred." },
      ],
    });
  });
});

test("a slow service works late, one without a name works for itself, the others do not", () => {
  const modes = ["unreachable", "error", "throttle", "slow", "no-dns"] as const;
  const all = modes.map((mode) => fault(mode));
  expect(all.map(stops)).toEqual([true, true, true, false, false]);
  expect(all.map(fails)).toEqual([true, true, true, false, true]);
  expect(all.map(delayOf)).toEqual([0, 0, 0, 7000, 0]);
  expect([stops(null), fails(null), delayOf(null)]).toEqual([false, false, 0]);
});
