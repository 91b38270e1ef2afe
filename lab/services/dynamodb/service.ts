// DynamoDB's endpoint. Within a Region an action is one instant. A strongly consistent table
// (MRSC) takes time, and needs one other member within reach in the middle of it: there the action
// takes effect, on the one authoritative store. Sources: "How DynamoDB global tables work" and
// FIS' aws:dynamodb:global-table-pause-replication (an isolated MRSC replica answers 500 to writes
// and strong reads, and serves eventual ones). How long it takes to say so: docs silent.
import type { Region } from "../../../core/config/schema.ts";
import { fails } from "../../faults/hindrances.ts";
import type { AwsRequest, AwsResponse, AwsService, Hindrance, Json } from "../../kernel.ts";
import type { Item } from "./attribute-values.ts";
import { type ActionResult, runAction, unmodelledMembers } from "./dynalite.ts";
import type { DynamoDbLab } from "./dynamodb.ts";
import type { GlobalTable } from "./global-table.ts";
import type { Change, Replicator } from "./replication.ts";
import { type Call, demandsOf, parseCall, type Single } from "./requests.ts";

/** Ms, within the service. */
const strongWrite = { low: 40, high: 90 };
const strongRead = { low: 20, high: 60 };
const quorumLost = { low: 500, high: 1500 };

export interface ServiceParts {
  readonly lab: DynamoDbLab;
  readonly tables: ReadonlyMap<string, GlobalTable>;
  readonly replicator: Replicator;
  /** After a write took effect; `by`: ARN of the caller. */
  readonly written: (change: Change, by: string) => void;
}

const namespace = "com.amazonaws.dynamodb.v20120810";
const contentType = { "content-type": "application/x-amz-json-1.0" };

export function createService(parts: ServiceParts): AwsService {
  const items = new ItemService(parts);
  const parsed = new WeakMap<AwsRequest, Call | null>();
  const callOf = (request: AwsRequest) => {
    const known = parsed.get(request);
    if (known !== undefined) return known;
    const call = parseCall(request);
    parsed.set(request, call);
    return call;
  };
  return {
    name: "dynamodb",
    demands: (request) => {
      const call = callOf(request);
      const arn = (name: string) =>
        `arn:aws:dynamodb:${request.region}:${parts.lab.account}:table/${name}`;
      const partitionKey = (name: string) => parts.tables.get(name)?.partitionKey ?? "";
      return call === null ? null : demandsOf(call, { arn, partitionKey });
    },
    handle: async (request) => {
      const call = callOf(request);
      if (call === null) return failure("UnknownOperationException", "not modelled by the lab");
      return items.serve(call, request);
    },
    error: (_request, code, message, status) => failure(code, message, status),
  };
}

function failure(type: string, message: string, status = 400): AwsResponse {
  const body = JSON.stringify({ __type: `${namespace}#${type}`, message });
  return { status, headers: contentType, body };
}

const success = (answer: object): AwsResponse => ({
  status: 200,
  headers: contentType,
  body: JSON.stringify(answer),
});

const refused = (type: string, message: string, status = 400): ActionResult => ({
  ok: false,
  status,
  type,
  body: { __type: `${namespace}#${type}`, message },
});

class ItemService {
  readonly #parts: ServiceParts;
  /** Of strongly consistent items: who writes them until when. */
  readonly #underWay = new Map<string, { readonly region: Region; readonly until: number }>();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  async serve(call: Call, request: AwsRequest): Promise<AwsResponse> {
    if (call.kind === "describe") return this.#describe(call.table, request.region);
    const refusal = this.#refusal(call.parts, request.region);
    const results = refusal ? [refusal] : await this.#results(call.parts, request);
    for (const result of results) {
      if (!result.ok) {
        return { status: result.status, headers: contentType, body: JSON.stringify(result.body) };
      }
    }
    switch (call.kind) {
      case "single":
        return success(answerOf(results[0]));
      case "batch-get":
        return success({ Responses: gathered(call.parts, results), UnprocessedKeys: {} });
      case "batch-write":
        return success({ UnprocessedItems: {} });
    }
  }

  #table(name: string, region: Region): GlobalTable | null {
    const table = this.#parts.tables.get(name);
    return table?.replicas.includes(region) ? table : null;
  }

  #describe(name: string, region: Region): AwsResponse {
    const table = this.#table(name, region);
    if (table === null) return failure("ResourceNotFoundException", `no table ${name}`);
    const arn = `arn:aws:dynamodb:${region}:${this.#parts.lab.account}:table/${name}`;
    const Replicas = table.replicas
      .filter((other) => other !== region)
      .map((RegionName) => ({ RegionName, ReplicaStatus: "ACTIVE" }));
    const consistency = table.strong ? "STRONG" : "EVENTUAL";
    return success({
      Table: {
        ...table.description,
        TableArn: arn,
        Replicas,
        MultiRegionConsistency: consistency,
      },
    });
  }

  #refusal(calls: readonly Single[], region: Region): ActionResult | null {
    for (const { action, body } of calls) {
      if (this.#table(body.TableName, region) === null) {
        return refused("ResourceNotFoundException", "Requested resource not found");
      }
      const unmodelled = unmodelledMembers(action, body);
      if (unmodelled.length > 0) {
        return refused("ValidationException", `the lab models no ${unmodelled.join(", ")}`);
      }
    }
    return null;
  }

  /** All parts of a request in one instant; where a strong table is among them, after a while. */
  async #results(calls: readonly Single[], request: AwsRequest): Promise<ActionResult[]> {
    const { clock, random } = this.#parts.lab;
    const asked = calls.map((part) => ({ part, table: this.#known(part, request.region) }));
    const strong = asked.filter(({ part, table }) => table.strong && needsQuorum(part));
    const run = (remaining: number) =>
      asked.map(({ part, table }) => this.#run(part, table, request, remaining));
    if (strong.length === 0) return run(0);
    const range = strong.some(({ part }) => isWrite(part)) ? strongWrite : strongRead;
    const half = random.between("dynamodb:strong", range.low, range.high) / 2;
    await clock.sleep(half);
    if (!strong.every(({ table }) => this.#hasQuorum(table, request.region))) {
      await clock.sleep(random.between("dynamodb:no-quorum", quorumLost.low, quorumLost.high));
      return [refused("InternalServerError", "Internal server error", 500)];
    }
    const results = run(half);
    await clock.sleep(half);
    return results;
  }

  #known({ body }: Single, region: Region): GlobalTable {
    const table = this.#table(body.TableName, region);
    if (table === null) throw new Error(`there is no table ${body.TableName} in ${region}`);
    return table;
  }

  #hasQuorum(table: GlobalTable, region: Region): boolean {
    const { network, hindrance } = this.#parts.lab;
    return table.members.some(
      (member) =>
        member !== region &&
        network.reachable({ region }, member) &&
        !isAway(hindrance(member, "dynamodb")),
    );
  }

  /** The instant of the action. `remaining`: ms until the caller of a strong write is answered. */
  #run(part: Single, table: GlobalTable, request: AwsRequest, remaining: number): ActionResult {
    const store = needsQuorum(part) ? table.truth(request.region) : table.replica(request.region);
    const { ReturnValuesOnConditionCheckFailure: returned, ...body } = part.body;
    const attributes = body.Key ?? body.Item;
    if (!isWrite(part) || attributes === undefined) return runAction(part.action, store, body);
    const keyAttributes = table.keyAttributes(attributes);
    const complete = Object.keys(keyAttributes).length === table.description.KeySchema.length;
    // An incomplete key is dynalite's to refuse.
    if (!complete) return runAction(part.action, store, body);
    const conflict = table.strong && this.#conflicts(table, keyAttributes, request, remaining);
    if (conflict) {
      return refused(
        "ReplicatedWriteConflictException",
        "One or more items in this request are being modified by a request in another Region.",
      );
    }
    const result = runAction(part.action, store, body);
    if (result.ok) this.#tell(table, keyAttributes, request);
    return returned === "ALL_OLD" ? withItem(result, table, keyAttributes, request) : result;
  }

  #tell(table: GlobalTable, keyAttributes: Item, { region, principal }: AwsRequest): void {
    const key = table.key(keyAttributes);
    const item = table.truth(region).items.peek(key) ?? null;
    const at = this.#parts.lab.clock.now();
    const change = { table, key, keyAttributes, item, at, region };
    if (table.strong) this.#parts.replicator.apply(change, region);
    else table.stamps.get(region)?.set(key, { at, region });
    this.#parts.written(change, principal.arn);
  }

  /** ReplicatedWriteConflictException, "Resolving write conflicts" of MRSC. */
  #conflicts(table: GlobalTable, key: Item, request: AwsRequest, remaining: number): boolean {
    const now = this.#parts.lab.clock.now();
    const name = `${table.name}:${table.key(key)}`;
    const other = this.#underWay.get(name);
    if (other && other.region !== request.region && other.until > now) return true;
    this.#underWay.set(name, { region: request.region, until: now + remaining });
    return false;
  }
}

/** A member that is throttled or slow for its customers still takes part. */
const isAway = (fault: Hindrance | null): boolean => fails(fault) && fault?.mode !== "throttle";

const isWrite = ({ action }: Single): boolean =>
  action === "PutItem" || action === "UpdateItem" || action === "DeleteItem";

/** Of a strongly consistent table; eventual reads ask the Region's own replica. */
const needsQuorum = (part: Single): boolean => isWrite(part) || part.body.ConsistentRead === true;

const answerOf = (result: ActionResult | undefined): object => (result?.ok ? result.answer : {});

/** dynalite lacks ReturnValuesOnConditionCheckFailure; nothing happened since the condition. */
function withItem(
  result: ActionResult,
  table: GlobalTable,
  keyAttributes: Item,
  { region }: AwsRequest,
): ActionResult {
  if (result.ok || result.type !== "ConditionalCheckFailedException") return result;
  const Item = table.truth(region).items.peek(table.key(keyAttributes));
  return Item === undefined ? result : { ...result, body: { ...result.body, Item } };
}

function gathered(parts: readonly Single[], results: readonly ActionResult[]): object {
  const responses: Record<string, Json[]> = {};
  parts.forEach(({ body }, index) => {
    const answer: { Item?: Json } = answerOf(results[index]);
    responses[body.TableName] ??= [];
    if (answer.Item !== undefined) responses[body.TableName]?.push(answer.Item);
  });
  return responses;
}
