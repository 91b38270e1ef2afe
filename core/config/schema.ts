// The one schema of switchback.config.json. Every key is documented here, and the JSON Schema
// beside it is generated from this file. What a value must satisfy beyond its shape is checked in
// checks.ts, so that all faults of a file can be reported together.
import * as z from "zod";
import { ownTablesSchema } from "./tables.ts";

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a Region code like us-east-1");
const seconds = z.number().positive();
const domainName = z
  .string()
  .regex(
    /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/,
    "must be a domain name like api.example.com: lower case, no trailing dot",
  );

const domain = z
  .strictObject({
    name: domainName.describe(
      "The public name that clients call, in both Regions. Each Region also gets a name of its " +
        "own below it, for example us-east-1.api.example.com.",
    ),
    hostedZoneName: domainName.describe("The public hosted zone that holds the name."),
    hostedZoneId: z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/, "must be a hosted zone id like Z0123ABC")
      .describe("That zone's id; it exists already and is not created."),
    website: domainName
      .optional()
      .describe(
        "The website's name, in the same zone; with frontend alone. Default: www. and the zone's " +
          "name.",
      ),
  })
  .describe("Where clients find the application.");

const regions = z
  .strictObject({
    primary: region.describe("Serves normally."),
    secondary: region.describe("Serves after a failover. The two never change places."),
    witness: region.describe(
      "Holds a vantage point, the levers' alarms and (strong coordination) the third member of " +
        "the control table; serves no traffic. " +
        "Better not us-east-1, where Route 53's control plane is.",
    ),
  })
  .describe("Three Regions; for strong coordination all with DynamoDB's MRSC.");

const objectives = z
  .strictObject({
    rtoSeconds: seconds
      .default(180)
      .describe("How long clients may be without service. Refused if a hard outage can't meet it."),
    rpoSeconds: seconds
      .default(30)
      .describe("A failover whose loss window is longer follows policy.onLossUnknown."),
  })
  .prefault({})
  .describe("What a failover has to achieve.");

const detection = z
  .strictObject({
    quorum: z
      .int()
      .min(1)
      .default(2)
      .describe(
        "Votes against a Region that an automatic switch needs. Of the vantage points outside " +
          "that Region more must find it failing than healthy, besides.",
      ),
    lookSeconds: seconds.default(10).describe("A look starts so often, from each vantage point."),
    lookFailures: z
      .int()
      .min(1)
      .default(3)
      .describe("Failed looks in a row that wake an evaluation."),
    stepTimeoutSeconds: seconds.default(5).describe("For each step of a look's journey."),
    heartbeatSeconds: seconds
      .default(10)
      .describe("A serving Region beats so often. A gate whose heartbeat is older is shut."),
    endpointIntervalSeconds: z
      .literal([10, 30])
      .default(10)
      .describe("Route 53's request interval for the endpoint checks; fixed once created."),
    endpointFailures: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe("Failed probes in a row after which one of Route 53's checkers changes its mind."),
    canaryIntervalSeconds: seconds.default(300).describe("Time between two canary runs."),
    healthServices: z
      .array(z.string())
      .default(["APIGATEWAY", "DYNAMODB", "LAMBDA", "MULTIPLE_SERVICES"])
      .describe("Services in use, in AWS Health's codes: issues of others are no votes."),
  })
  .prefault({})
  .describe("How impairments are noticed.");

const policy = z
  .strictObject({
    onLossUnknown: z
      .enum(["ask", "hold", "proceed"])
      .default("ask")
      .describe("When the loss window is unknown, or longer than objectives.rpoSeconds."),
    approvalTimeoutSeconds: z
      .int()
      .positive()
      .default(900)
      .describe("How long a question waits for its answer. No answer means no."),
    cooldownSeconds: z
      .number()
      .min(0)
      .default(3600)
      .describe("After an automatic switch, another automatic one is asked for so long."),
    stabilitySeconds: z
      .number()
      .min(0)
      .default(1800)
      .describe("How long the primary must have been healthy without interruption to go back."),
  })
  .prefault({})
  .describe("When to ask and when to hold.");

const file = z.strictObject({
  $schema: z.string().optional().describe("For editors; not read."),
  application: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,23}$/, "must be 1 to 24 of a-z, 0-9 and -, starting with a letter")
    .describe("Prefix of every name that is created, and the name of the group that switches."),
  domain,
  regions,
  topology: z
    .enum(["active-passive", "active-active"])
    .default("active-passive")
    .describe("One Region serves and the other stands by, or both serve."),
  workloads: z
    .array(z.enum(["api", "events"]))
    .min(1)
    .default(["api"])
    .describe(
      "What is served and moves: the API's own routes; events, by POST /events over a bus and a " +
        "queue in each Region.",
    ),
  frontend: z
    .boolean()
    .default(false)
    .describe("A website in both Regions, behind one CloudFront distribution, that uses the API."),
  writes: z
    .enum(["single-region", "any-region"])
    .optional()
    .describe(
      "One Region accepts writes, or both do, and the last writer of an item wins. Default: " +
        "single-region in active-passive, any-region in active-active. A Region that may not " +
        "write forwards what it is asked to write.",
    ),
  coordination: z
    .enum(["strong", "eventual"])
    .default("strong")
    .describe(
      "The control table's consistency across Regions: MRSC, or MREC where there is none, weaker.",
    ),
  writeLeaseSeconds: seconds
    .default(5)
    .describe("A write rests on a read of the routing state that is at most so old."),
  writeDeadlineSeconds: seconds
    .default(2)
    .describe("A write is neither sent nor acknowledged later than this after its check."),
  heldWritesMax: z
    .int()
    .min(0)
    .max(100_000)
    .default(200)
    .describe(
      "How many writes a Region begins to hold in 8 s while a switch is under way and nobody may " +
        "write. Each occupies a container for seconds; what is above it is answered 503 at once.",
    ),
  drain: z
    .enum(["verified", "heartbeats"])
    .default("verified")
    .describe(
      "How a planned switch knows that all writes have arrived: verified: every item journalled, " +
        "a second write, and read back; heartbeats: of every shard a later heartbeat has " +
        "arrived, which says nothing of an item that replicates out of order.",
    ),
  automation: z
    .enum(["armed", "approval", "shadow", "paused"])
    .default("armed")
    .describe(
      "What automatic runs may do at first: switch; switch once approved; decide and change " +
        "nothing; nothing. Changed at run time by pause and resume.",
    ),
  tables: ownTablesSchema,
  canaryPath: z
    .string()
    .regex(/^(\/[a-z0-9-]+)+$/, "must be a path like /orders/canary: no variables, no slash last")
    .default("/orders/canary")
    .describe("The API's route on which looks and canaries write and read an item of their own."),
  canaries: z
    .boolean()
    .default(true)
    .describe("CloudWatch Synthetics canaries; false leaves the watch function's looks alone."),
  objectives,
  detection,
  policy,
  approval: z
    .strictObject({
      twoPerson: z.boolean().default(false).describe("Whoever asks for a run can't approve it."),
    })
    .prefault({})
    .describe("Who may approve."),
  archive: z
    .strictObject({
      retentionDays: z
        .int()
        .min(1)
        .max(36_500)
        .default(365)
        .describe("Nobody deletes what is in the archive for so long (Object Lock, governance)."),
    })
    .prefault({})
    .describe("Copies of ledgers and bundles in S3, in each serving Region."),
  notify: z.array(z.email()).default([]).describe("E-mail addresses that are paged and asked."),
});

/** A default that rests on another key is filled in here. */
export const configSchema = file.transform(({ writes, ...config }) => ({
  ...config,
  writes: writes ?? (config.topology === "active-active" ? "any-region" : "single-region"),
}));

/** The keys of the file, by name. */
export const configShape = file.shape;

/** A checked configuration, every default filled in. */
export type Config = z.infer<typeof configSchema>;
export type Region = string;
export type Role = "primary" | "secondary" | "witness";
