// EventBridge in every Region, the default bus and those that are deployed: PutEvents, rules by
// pattern and by schedule, functions, queues and other Regions' buses as targets. Events are kept
// while their Region is down and delivered afterwards (at least once); ticks of a schedule are not
// made up for.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { AwsService, DeployedResource, Json, Lab, ResourceModels } from "../../kernel.ts";
import { jsonService, operation, ServiceFault } from "../json-service.ts";
import { Delivery, type DeliveryLab, type EventDelay } from "./delivery.ts";
import { type EventPattern, readPattern } from "./pattern.ts";
import { readSchedule } from "./schedule.ts";
import { type Target, targetSchema } from "./target.ts";

export type EventsLab = DeliveryLab & Pick<Lab, "account" | "clocks">;

export interface Events {
  readonly service: AwsService;
  readonly models: ResourceModels;
  /** As AWS services put them; a member of the envelope that is missing is filled in. */
  putAwsEvent(region: Region, event: { [key: string]: Json }): void;
  /** The Region's buses deliver late and so many times more; answers how to stop that. */
  addDelay(region: Region, delay: EventDelay): () => void;
}

interface Rule {
  readonly region: Region;
  readonly bus: string;
  readonly arn: string;
  readonly matches: EventPattern;
  readonly targets: readonly Target[];
}

const defaultBus = "default";

const busProperties = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  EventSourceName: z.undefined("partners' buses are not modelled").optional(),
  Policy: z.undefined("a bus's own policy is not modelled").optional(),
  KmsKeyIdentifier: z.undefined("keys of one's own are not modelled").optional(),
  Tags: z.unknown().optional(),
});

const ruleProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  EventBusName: z.string().default(defaultBus),
  EventPattern: z.json().optional(),
  ScheduleExpression: z.string().optional(),
  Targets: z.array(targetSchema).default([]),
  Tags: z.unknown().optional(),
});

/** Lambda's, but only events are invoked asynchronously. */
const invokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal("$LATEST"),
  MaximumRetryAttempts: z.int().min(0).max(2).default(2),
  // Longer than any drill keeps an event waiting, or without retries without effect.
  MaximumEventAgeInSeconds: z.unknown().optional(),
});

const putEventsSchema = z.strictObject({
  Entries: z
    .array(
      z.strictObject({
        Source: z.string(),
        DetailType: z.string(),
        Detail: z.string(),
        /** Seconds since 1970. */
        Time: z.number().optional(),
        Resources: z.array(z.string()).optional(),
        EventBusName: z.string().optional(),
      }),
    )
    .min(1)
    .max(10),
});
type Entry = z.infer<typeof putEventsSchema>["Entries"][number];

export function createEvents(lab: EventsLab): Events {
  const rules: Rule[] = [];
  /** ARNs of the buses besides the default ones. */
  const buses = new Set<string>();
  const publish = (region: Region, event: { [key: string]: Json }, bus = defaultBus) => {
    for (const rule of rules) {
      if (rule.region !== region || rule.bus !== bus || !rule.matches(event)) continue;
      for (const target of rule.targets) delivery.send({ ...rule, target, event });
    }
  };
  const delivery = new Delivery(lab, (region, event) => publish(region, event));
  const envelope = (region: Region, event: { [key: string]: Json }) => ({
    version: "0",
    id: lab.random.uuid("events:id"),
    account: lab.account,
    time: `${new Date(lab.clocks.now(region)).toISOString().slice(0, 19)}Z`,
    region,
    resources: [],
    ...event,
  });
  const addRule = (resource: DeployedResource) => {
    const properties = ruleProperties.parse(resource.properties);
    const name = properties.Name ?? `${resource.stack}-${resource.logicalId}`;
    const { region } = resource;
    const bus = busOf(properties.EventBusName, lab.account, region, buses);
    const path = bus === defaultBus ? name : `${bus}/${name}`;
    const arn = `arn:aws:events:${region}:${lab.account}:rule/${path}`;
    const { EventPattern: pattern, ScheduleExpression: schedule, Targets: targets } = properties;
    if (properties.State === "ENABLED" && pattern !== undefined) {
      rules.push({ region, bus, arn, matches: readPattern(pattern), targets });
    }
    if (properties.State === "ENABLED" && schedule !== undefined) {
      const next = readSchedule(schedule, lab.clock.now());
      keepTicking(lab, region, next, () => {
        const event = envelope(region, { ...scheduled, resources: [arn] });
        for (const target of targets) delivery.tick({ region, arn, target, event });
      });
    }
    return { ref: path.replace("/", "|"), attributes: { Arn: arn } };
  };
  return {
    service: eventsService(lab, buses, (region, bus, entry) => {
      const event = entryEvent(entry);
      if (typeof event === "string") return { ErrorCode: "MalformedDetail", ErrorMessage: event };
      const whole = envelope(region, event);
      publish(region, whole, bus);
      return { EventId: whole.id };
    }),
    models: {
      "AWS::Events::Rule": addRule,
      "AWS::Events::EventBus": (resource) => addBus(resource, lab.account, buses),
      "AWS::Lambda::EventInvokeConfig": ({ region, properties, ...resource }) => {
        const { FunctionName, MaximumRetryAttempts } = invokeConfigProperties.parse(properties);
        const arn = FunctionName.startsWith("arn:")
          ? FunctionName
          : `arn:aws:lambda:${region}:${lab.account}:function:${FunctionName}`;
        delivery.setRetries(arn, MaximumRetryAttempts);
        return { ref: `${resource.stack}-${resource.logicalId}`, attributes: {} };
      },
    },
    putAwsEvent: (region, event) => publish(region, envelope(region, event)),
    addDelay: (region, delay) => delivery.addDelay(region, delay),
  };
}

function addBus({ region, properties }: DeployedResource, account: string, buses: Set<string>) {
  const { Name } = busProperties.parse(properties);
  const arn = busArn(account, region, Name);
  if (Name === defaultBus || buses.has(arn)) throw new Error(`there is a bus ${Name}`);
  buses.add(arn);
  return { ref: Name, attributes: { Arn: arn, Name } };
}

/** The bus of a rule, which names it or gives its ARN. */
function busOf(given: string, account: string, region: Region, buses: ReadonlySet<string>): string {
  const bus = given.split("/").at(-1) ?? defaultBus;
  if (bus === defaultBus || buses.has(busArn(account, region, bus))) return bus;
  throw new Error(`there is no event bus ${bus}`);
}

const scheduled = { "detail-type": "Scheduled Event", source: "aws.events", detail: {} };

/** A tick that falls into an outage is skipped. */
export function keepTicking(
  { clock, network }: Pick<Lab, "clock" | "network">,
  region: Region,
  next: (after: number) => number,
  tick: () => void,
): void {
  const arm = () => {
    clock.after(next(clock.now()) - clock.now(), () => {
      arm();
      if (!network.isDown(region)) tick();
    });
  };
  arm();
}

/** A string: what is wrong with it. */
function entryEvent(entry: Entry): { [key: string]: Json } | string {
  const detail = z.record(z.string(), z.json()).safeParse(parsed(entry.Detail));
  if (!detail.success) return "Detail is malformed.";
  return {
    "detail-type": entry.DetailType,
    source: entry.Source,
    ...(entry.Time === undefined
      ? {}
      : { time: `${new Date(entry.Time * 1000).toISOString().slice(0, 19)}Z` }),
    resources: entry.Resources ?? [],
    detail: detail.data,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Source: "Calculating PutEvents event entry size": all entries together, less than this. Newer
 * limits are said to be larger; the stricter one is believed. */
const requestBytesLimit = 256 * 1024;

function eventsService(
  { account }: EventsLab,
  buses: ReadonlySet<string>,
  put: (region: Region, bus: string, entry: Entry) => { [key: string]: string },
): AwsService {
  const arnOf = (region: Region, name = defaultBus) => busArn(account, region, name);
  const putEvents = operation(
    putEventsSchema,
    ({ Entries }, { region }) =>
      Entries.map((entry) => ({
        action: "events:PutEvents",
        resource: arnOf(region, entry.EventBusName),
        context: { "events:source": entry.Source, "events:detail-type": entry.DetailType },
      })),
    ({ Entries }, { region }) => {
      const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      if (bytes >= requestBytesLimit) {
        throw new ServiceFault("ValidationException", "Total size of the entries is too large.");
      }
      const results = Entries.map((entry) => {
        const arn = arnOf(region, entry.EventBusName);
        const bus = arn.split("/").at(-1) ?? defaultBus;
        if (arn !== arnOf(region) && !buses.has(arn)) {
          return { ErrorCode: "InvalidArgument", ErrorMessage: `Event bus ${bus} does not exist.` };
        }
        return put(region, bus, entry);
      });
      const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
      return { FailedEntryCount, Entries: results };
    },
  );
  return jsonService({ name: "events", version: "1.1", operations: { PutEvents: putEvents } });
}

function busArn(account: string, region: Region, name: string): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

/** As AWS counts: 14 bytes for a time, and the UTF-8 of the texts. Source: "Calculating PutEvents
 * event entry size". */
function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const time = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), time);
}
