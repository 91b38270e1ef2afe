import { expect, it } from "vitest";
import { apiRequestSchema } from "../../../functions/api/answers.ts";
import { eventReads } from "../../../functions/api/event-reads.ts";

const stamp = { writerRegion: "us-west-2", writerEpoch: 1, writtenAt: 1, version: "v" };
const event = { id: "a", type: "t", data: {}, eventId: "e-1", ...stamp };
const canary = {
  ...{ id: "us-east-2-1", vantage: "us-east-2", serving: "us-west-2", eventId: "e-2" },
  ...{ acceptedAt: 1, ...stamp },
};

async function asked(resource: string, difference: object) {
  const request = apiRequestSchema.parse({
    ...{ httpMethod: "GET", resource, headers: {}, requestContext: { requestId: "r" } },
    ...difference,
  });
  const answer = await eventReads[`GET ${resource}`]?.(request, {
    region: "us-west-2",
    events: {
      read: async (id) => (id === "a" ? event : null),
      readCanary: async (vantage, serving) =>
        vantage === "us-east-2" && serving === "us-west-2" ? canary : null,
    },
  });
  return [answer?.statusCode, answer?.headers["X-Region"], JSON.parse(answer?.body ?? "null")];
}

it("An event is read by its id; until it has been processed there is none.", async () => {
  const of = (id: string) => asked("/events/{id}", { pathParameters: { id } });
  expect(await of("a")).toEqual([200, "us-west-2", event]);
  expect(await of("b")).toEqual([
    404,
    "us-west-2",
    { type: "about:blank", title: "Not found", status: 404, detail: "There is no such event yet." },
  ]);
});

it("A canary reads what this Region made of its vantage point's event.", async () => {
  const of = (query: object) => asked("/events/canary", { queryStringParameters: query });
  expect(await of({ vantage: "us-east-2" })).toEqual([200, "us-west-2", canary]);
  expect((await of({ vantage: "us-east-1" }))[0]).toBe(404);
  expect((await of({}))[0]).toBe(404);
});
