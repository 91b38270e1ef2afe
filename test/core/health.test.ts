// AWS Health events of our own making, in the shapes that AWS sends: what counts, and what doesn't.
import { describe, expect, it } from "vitest";
import {
  evaluatedAt,
  healthCounts,
  instant,
  issueFromApi,
  parseHealthEvent,
  withApiIssues,
} from "../../core/health.ts";
import { config, configOf } from "./world.ts";

/** 2026-01-15T09:20:00Z */
const now = 1_768_468_800_000;
const arn = "arn:aws:health:us-east-1::event/LAMBDA/AWS_LAMBDA_OPERATIONAL_ISSUE/7f35c8ae";

const detail = {
  eventArn: arn,
  service: "LAMBDA",
  eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
  eventTypeCategory: "issue",
  eventScopeCode: "PUBLIC",
  communicationId: "0123456789abcdef-1",
  startTime: "Thu, 15 Jan 2026 09:04:00 GMT",
  lastUpdatedTime: "Thu, 15 Jan 2026 09:15:00 GMT",
  statusCode: "open",
  eventRegion: "us-east-1",
  eventDescription: [
    {
      language: "en_US",
      latestDescription:
        "Current severity level: Degradation\n\n[09:15 AM PST] We are working to resolve " +
        "increased error rates. Some functions are operating normally.",
    },
  ],
  affectedEntities: [],
  page: "1",
  totalPages: "1",
  backupEvent: "false",
  affectedAccount: "123456789012",
};

const event = (
  difference: Record<string, unknown> = {},
  envelope: Record<string, unknown> = {},
) => ({
  version: "0",
  id: "7bf73129-1428-4cd3-a780-95db273d1602",
  "detail-type": "AWS Health Event",
  source: "aws.health",
  account: "123456789012",
  time: "2026-01-15T09:16:00Z",
  region: "us-east-1",
  resources: [],
  detail: { ...detail, ...difference },
  ...envelope,
});

const issueOf = (sample: unknown) => parseHealthEvent(sample, config, now);

describe("A Health event counts", () => {
  it("as an open public issue of a service in use, in a serving Region.", () => {
    expect(issueOf(event())).toEqual({
      eventArn: arn,
      region: "us-east-1",
      service: "LAMBDA",
      eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
      startedAt: 1_768_467_840_000,
      updatedAt: 1_768_468_500_000,
      counts: true,
      why: "AWS reports an open issue of LAMBDA, a service in use, in us-east-1.",
    });
  });

  const counting: [string, Record<string, unknown>, Record<string, unknown>?][] = [
    [
      "as a backup copy, delivered elsewhere than it happens",
      { backupEvent: "true" },
      { region: "us-west-2" },
    ],
    [
      "account-specific, of API Gateway, with entities, on the second of three pages",
      {
        service: "APIGATEWAY",
        eventScopeCode: "ACCOUNT_SPECIFIC",
        page: "2",
        totalPages: "3",
        affectedEntities: [{ entityValue: "arn:aws:apigateway:us-east-1::/restapis/a1" }],
      },
    ],
    ["of several services at once, as early posts are", { service: "MULTIPLE_SERVICES" }],
    ["of the secondary", { eventRegion: "us-west-2" }],
    [
      "with a weekday that doesn't match its date",
      { lastUpdatedTime: "Mon, 15 Jan 2026 09:15:00 GMT" },
    ],
    ["with one digit for the day", { startTime: "Fri, 2 Jan 2026 05:01:10 GMT" }],
    [
      "without description, update time, entities, pages or backup flag",
      {
        eventDescription: undefined,
        lastUpdatedTime: undefined,
        affectedEntities: undefined,
        page: undefined,
        totalPages: undefined,
        backupEvent: undefined,
      },
    ],
    ["without resources or a time of its envelope", {}, { resources: undefined, time: undefined }],
    ["with fields of a wrong type where they don't matter", { eventTypeCode: 7, startTime: {} }],
    [
      "while a part of it is said to be resolved under an open severity",
      {
        eventDescription: [
          {
            language: "en_US",
            latestDescription:
              "Current severity level: Impacted\n\n[RESOLVED] for DNS; others continue.",
          },
        ],
      },
    ],
    [
      "while recovery is only said to begin",
      {
        eventDescription: [
          {
            language: "en_US",
            latestDescription: "[Investigating] We see early signs of recovery.",
          },
        ],
      },
    ],
    ["of a service in lower case", { service: "dynamodb" }],
    ["with a key that nobody knew of", { actionability: "NONE", somethingNew: [1] }],
  ];

  it.each(counting)("%s.", (_, difference, envelope) => {
    expect(issueOf(event(difference, envelope))).toMatchObject({ counts: true });
  });
});

describe("A Health event does not count", () => {
  const silent: [string, Record<string, unknown>, string][] = [
    [
      "once it has an end, whatever its status says",
      { endTime: "Thu, 15 Jan 2026 09:15:00 GMT" },
      "It has an end time.",
    ],
    ["once it is closed", { statusCode: "closed" }, "Its status is closed."],
    ["before it is open", { statusCode: "upcoming" }, "Its status is upcoming."],
    ["without a status", { statusCode: undefined }, "Its status is missing."],
    [
      "as a scheduled change",
      { eventTypeCategory: "scheduledChange" },
      "It is no issue (scheduledChange).",
    ],
    [
      "as an account notification",
      { eventTypeCategory: "accountNotification" },
      "It is no issue (accountNotification).",
    ],
    ["without a category", { eventTypeCategory: undefined }, "It is no issue (category missing)."],
    ["for a service not in use", { service: "EC2" }, "EC2 is not a service in use."],
    ["without a service", { service: undefined }, "The service is not a service in use."],
    ["in the witness Region", { eventRegion: "us-east-2" }, "us-east-2 is no serving Region."],
    ["in no Region", { eventRegion: "global" }, "global is no serving Region."],
    ["without a Region", { eventRegion: undefined }, "It names no Region."],
    [
      "when its severity says that all is well",
      {
        eventDescription: [
          {
            language: "en_US",
            latestDescription: "Current severity level: Operating normally\n\n[RESOLVED] Errors",
          },
        ],
      },
      "Its text says that it is resolved.",
    ],
    [
      "when its headline says resolved",
      { eventDescription: [{ language: "en_US", latestDescription: "[RESOLVED] Errors" }] },
      "Its text says that it is resolved.",
    ],
    [
      "when its last sentence says so",
      {
        eventDescription: [
          {
            language: "en_US",
            latestDescription:
              "Between 1:00 and 1:20 AM errors rose. The issue has been resolved and the service " +
              "is operating normally.",
          },
        ],
      },
      "Its text says that it is resolved.",
    ],
    [
      "when nobody updated it for a day",
      { lastUpdatedTime: "Wed, 14 Jan 2026 09:19:59 GMT" },
      "It has not been updated for 24 hours.",
    ],
  ];

  it.each(silent)("%s.", (_, difference, why) => {
    expect(issueOf(event(difference))).toMatchObject({ counts: false, why });
  });

  it("any more, a day after it was stored.", () => {
    const issue = issueOf(event());
    if (issue === null) throw new Error("not parsed");
    const day = issue.updatedAt + 86_400_000;
    expect(healthCounts(issue, day)).toBe(true);
    expect(healthCounts(issue, day + 1)).toBe(false);
    expect(evaluatedAt(issue, day + 1).why).toBe("It has not been updated for 24 hours.");
  });

  it("again by being old enough: age only takes a vote away.", () => {
    const issue = issueOf(event({ statusCode: "closed" }));
    if (issue === null) throw new Error("not parsed");
    expect(healthCounts(issue, now)).toBe(false);
    expect(evaluatedAt(issue, now + 86_400_001).why).toBe("Its status is closed.");
  });

  it("for services that the configuration leaves out.", () => {
    const narrow = configOf({ detection: { healthServices: ["DYNAMODB"] } });
    expect(parseHealthEvent(event(), narrow, now)).toMatchObject({ counts: false });
  });
});

describe("What is no Health event", () => {
  it.each([
    [null],
    ["text"],
    [{}],
    [event({ eventArn: undefined })],
    [event({}, { source: "aws.ec2" })],
    [event({}, { detail: null })],
  ])("is not parsed: %j", (sample) => {
    expect(issueOf(sample)).toBeNull();
  });
});

describe("The newest update decides", () => {
  it("falling back to the envelope's time, the start, and the time of receipt.", () => {
    const none = { lastUpdatedTime: undefined };
    expect(issueOf(event(none))?.updatedAt).toBe(1_768_468_560_000);
    expect(issueOf(event(none, { time: "soon" }))?.updatedAt).toBe(1_768_467_840_000);
    const bare = { ...none, startTime: undefined };
    expect(issueOf(event(bare, { time: undefined }))?.updatedAt).toBe(now);
  });
});

describe("A date", () => {
  it.each([
    ["Thu, 15 Jan 2026 09:20:00 GMT", now],
    ["15 Jan 2026 09:20:00 GMT", now],
    ["2026-01-15T09:20:00Z", now],
    ["Thu, 15 Foo 2026 09:20:00 GMT", null],
    ["yesterday", null],
    ["2026", null],
    [undefined, null],
  ])("%s is %s.", (value, expected) => {
    expect(instant(value)).toBe(expected);
  });
});

describe("what the Health API answers", () => {
  const told = {
    arn,
    service: "LAMBDA",
    eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
    eventTypeCategory: "issue",
    region: "us-east-1",
    statusCode: "open",
    startTime: now - 960_000,
    lastUpdatedTime: now - 300_000,
  };

  it("counts by the same rules as an event", () => {
    expect(issueFromApi(told, config, now)).toEqual({
      eventArn: arn,
      region: "us-east-1",
      service: "LAMBDA",
      eventTypeCode: "AWS_LAMBDA_OPERATIONAL_ISSUE",
      startedAt: now - 960_000,
      updatedAt: now - 300_000,
      counts: true,
      why: "AWS reports an open issue of LAMBDA, a service in use, in us-east-1.",
    });
    const ended = issueFromApi({ ...told, endTime: now - 60_000 }, config, now);
    expect(ended).toMatchObject({ counts: false, why: "It has an end time." });
    expect(issueFromApi({ ...told, service: "EC2" }, config, now)?.counts).toBe(false);
    expect(issueFromApi({ service: "LAMBDA" }, config, now)).toBeNull();
  });

  it("adds to what was stored, and takes nothing away by its silence", () => {
    const issue = (eventArn: string, updatedAt: number, counts = true) => ({
      ...{ eventArn, region: "us-east-1", service: "LAMBDA", eventTypeCode: "" },
      ...{ startedAt: null, updatedAt, counts, why: "" },
    });
    const stored = [issue("a", 10), issue("b", 10, false)];
    expect(withApiIssues(stored, [])).toEqual(stored);
    expect(withApiIssues(stored, [issue("b", 5), issue("c", 1)])).toEqual([
      ...stored,
      issue("c", 1),
    ]);
    expect(withApiIssues(stored, [issue("b", 11)])).toEqual([issue("a", 10), issue("b", 11)]);
  });
});
