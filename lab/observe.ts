// What the lab notes down, for the checkers and the report, of calls and answers that pass by:
// looks, decisions, successful Route 53 calls, and every lever call with the strong read that its
// sending followed. It only listens; nothing that runs can tell the difference.
import { z } from "zod";
import type { Config } from "../core/config/schema.ts";
import { controlKeys } from "../core/contracts/records.ts";
import {
  claimSchema,
  decisionSchema,
  lookAnswerSchema,
  stepInputs,
} from "../core/contracts/steps.ts";
import { controlTableName, drainMetric, functionName, groupOf } from "../core/names.ts";
import type {
  AwsRequest,
  AwsResponse,
  AwsService,
  Clock,
  EventLog,
  Json,
  RegionTimes,
} from "./kernel.ts";
import type { Answer } from "./services/lambda/function.ts";
import type { LabLambda } from "./services/lambda/lambda.ts";

export interface ObserverPorts {
  readonly config: Config;
  readonly clock: Pick<Clock, "now">;
  readonly clocks: Pick<RegionTimes, "offset">;
  readonly log: EventLog;
}

/** A strong read of the routing state, as its reader saw it. */
interface StrongRead {
  readonly at: number;
  readonly holder: string | null;
}

const item = z.object({ Item: z.looseObject({ lease: z.unknown().optional() }).optional() });
const leaseAttribute = z.object({ M: z.object({ executionArn: z.object({ S: z.string() }) }) });
const getItem = z.object({
  TableName: z.string(),
  ConsistentRead: z.literal(true),
  Key: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
});
const drainPut = z.object({
  Namespace: z.literal(drainMetric.namespace),
  MetricData: z.array(
    z.object({
      MetricName: z.string(),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
      Value: z.number().optional(),
    }),
  ),
});
const inverted = z.object({
  id: z.string(),
  name: z.string(),
  inverted: z.boolean(),
  by: z.string(),
});

/** Longer than any service holds a call back. */
const readsKeptMilliseconds = 600_000;

export class Observer {
  readonly #ports: ObserverPorts;
  /** By principal, newest last. */
  readonly #reads = new Map<string, StrongRead[]>();
  /** By principal: when the request was sent whose service has it now. */
  readonly #sentAt = new Map<string, number>();
  readonly #positions = new Map<string, string>();
  /** When the newest word on each Region's drain was sent, ms since 1970. */
  readonly #drainSaidAt = new Map<string, number>();

  constructor(ports: ObserverPorts) {
    this.#ports = ports;
    ports.log.on((event) => {
      if (event.kind !== "health-check-updated") return;
      const update = inverted.safeParse(event.detail).data;
      const region = update && /^(?:.*-)?switch-(.+)$/.exec(update.name)?.[1];
      if (!update || !region) return;
      const sentAt = this.#sentAt.get(update.by) ?? event.at;
      this.#lever("switch", region, update.inverted, { by: update.by, sentAt });
    });
  }

  /** The service, as it was, with ears: what it did counts, whether or not its caller lives. */
  service(service: AwsService): AwsService {
    return {
      name: service.name,
      demands: (request) => service.demands(request),
      error: (...said) => service.error(...said),
      handle: async (request) => {
        const at = this.#ports.clock.now();
        const sentAt = request.sentAt ?? at;
        this.#sentAt.set(request.principal.arn, sentAt);
        const answer = await service.handle(request);
        if (answer.status < 300) this.#answered(request, answer, { at, sentAt });
        return answer;
      },
    };
  }

  lambda(lambda: LabLambda): LabLambda {
    const [look, decide, claim] = ["look", "decide", "claim-epoch"].map((one) => this.#name(one));
    return {
      models: lambda.models,
      arnOf: (...name) => lambda.arnOf(...name),
      settingsOf: (arn) => lambda.settingsOf(arn),
      hang: (...what) => lambda.hang(...what),
      crash: (...what) => lambda.crash(...what),
      linesOf: (arn) => lambda.linesOf(arn),
      setVariables: (...variables) => lambda.setVariables(...variables),
      invoke: async (arn, payload, options) => {
        const answer = await lambda.invoke(arn, payload, options);
        const name = arn.split(":")[6];
        if (name === look) this.#looked(answer);
        if (name === decide) this.#decided(arn, payload, answer);
        if (name === claim) this.#claimed(arn, payload, answer);
        return answer;
      },
    };
  }

  #name(folder: string): string {
    return functionName(this.#ports.config, folder);
  }

  #answered(request: AwsRequest, answer: AwsResponse, when: { at: number; sentAt: number }): void {
    const { service, principal } = request;
    if (service === "route53") {
      const operation = `${request.method} ${request.path.split("/")[2] ?? ""}`;
      this.#ports.log.emit("route53-call", null, { operation, by: principal.arn });
    }
    if (service === "dynamodb") this.#routingRead(request, answer, when.at);
    if (service === "monitoring") this.#metricPut(request, when.sentAt);
  }

  #routingRead(request: AwsRequest, answer: AwsResponse, at: number): void {
    if (!request.headers["x-amz-target"]?.endsWith(".GetItem")) return;
    const { config } = this.#ports;
    const asked = getItem.safeParse(JSON.parse(request.body)).data;
    const key = controlKeys.routing(groupOf(config));
    if (asked?.TableName !== controlTableName(config)) return;
    if (asked.Key.pk.S !== key.pk || asked.Key.sk.S !== key.sk) return;
    const lease = item.safeParse(JSON.parse(answer.body)).data?.Item?.lease;
    const holder = leaseAttribute.safeParse(lease).data?.M.executionArn.S ?? null;
    const before = this.#reads.get(request.principal.arn) ?? [];
    const young = before.filter((read) => at - read.at <= readsKeptMilliseconds);
    this.#reads.set(request.principal.arn, [...young, { at, holder }]);
  }

  #metricPut(request: AwsRequest, sentAt: number): void {
    const by = request.principal.arn;
    if (!request.headers["x-amz-target"]?.endsWith(".PutMetricData")) return;
    const put = drainPut.safeParse(JSON.parse(request.body)).data;
    for (const { MetricName, Dimensions, Value } of put?.MetricData ?? []) {
      const of = new Map(Dimensions.map((one) => [one.Name, one.Value]));
      const region = of.get("Region");
      if (MetricName !== drainMetric.name || of.get("Group") !== groupOf(this.#ports.config))
        continue;
      if (!region) continue;
      const pulled = Value === 1;
      if (this.#counts(region, pulled, sentAt)) {
        this.#lever("drain", region, pulled, { by, sentAt });
      }
    }
  }

  /** Does it say where the drain is? It is stamped with the time of its sending, and the alarm
   * takes the highest of the newest minute: what comes late for an older one moves nothing, nor
   * does a late release. */
  #counts(region: string, pulled: boolean, sentAt: number): boolean {
    const newest = this.#drainSaidAt.get(region) ?? Number.NEGATIVE_INFINITY;
    this.#drainSaidAt.set(region, Math.max(newest, sentAt));
    const isLate = sentAt < newest;
    return !isLate || (pulled && minuteOf(sentAt) === minuteOf(newest));
  }

  #lever(
    lever: string,
    region: string,
    pulled: boolean,
    { by, sentAt }: { by: string; sentAt: number },
  ): void {
    const position = pulled ? "pulled" : "released";
    const key = `${lever} ${region}`;
    const republished = (this.#positions.get(key) ?? "released") === position;
    this.#positions.set(key, position);
    const read = this.#reads.get(by)?.findLast(({ at }) => at <= sentAt);
    this.#ports.log.emit("lever", null, {
      lever,
      region,
      position,
      republished,
      sender: by,
      sentAt,
      readAt: read?.at ?? null,
      holder: read?.holder ?? null,
    });
  }

  #looked(answer: Answer): void {
    const looks = lookAnswerSchema.safeParse(tryJson(answer.payload)).data;
    for (const { serving, passed, startedAt, milliseconds } of looks?.looks ?? []) {
      const vantage = looks?.vantage ?? "";
      const endedAt = startedAt + milliseconds - this.#ports.clocks.offset(vantage);
      this.#ports.log.emit("look", vantage, { vantage, serving, passed, endedAt });
    }
  }

  #claimed(arn: string, payload: string, answer: Answer): void {
    const input = stepInputs["claim-epoch"].safeParse(tryJson(payload)).data;
    const claim = claimSchema.safeParse(tryJson(answer.payload)).data;
    if (!input || claim?.claimed !== true) return;
    const { epoch, plan, intent, lossBound } = claim;
    const { waived, lossBound: decided } = input.decision;
    const detail = z.json().parse({ epoch, plan, intent, lossBound, decided, waived });
    this.#ports.log.emit("claim", arn.split(":")[3] ?? null, asObject(detail));
  }

  #decided(arn: string, payload: string, answer: Answer): void {
    const input = stepInputs.decide.safeParse(tryJson(payload)).data;
    const decision = decisionSchema.safeParse(tryJson(answer.payload)).data;
    if (!input || !decision) return;
    const { executionArn } = input.run;
    const { reports } = input.evidence;
    const detail = z
      .json()
      .parse(JSON.parse(JSON.stringify({ ...decision, executionArn, evidence: { reports } })));
    this.#ports.log.emit("decision", arn.split(":")[3] ?? null, asObject(detail));
  }
}

const minuteOf = (at: number) => Math.floor(at / 60_000);

const asObject = (value: Json): { [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
