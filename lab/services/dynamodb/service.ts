// DynamoDB's endpoint. Within a Region an action is one instant. A strongly consistent table
// (MRSC) takes time, and needs one other member within reach in the middle of it: there the action
// takes effect, on the one authoritative store. Sources: "How DynamoDB global tables work" and
// FIS' aws:dynamodb:global-table-pause-replication (an isolated MRSC replica answers 500 to writes
// and strong reads, and serves eventual ones). How long it takes to say so: docs silent.
import type { Region } from "../../../core/config/schema.ts";
import type { AwsRequest, AwsResponse, AwsService, Json } from "../../kernel.ts";
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
      return call === null ? null : demandsOf(call, arn);
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
    const results: ActionResult[] = [];
    for (const part of call.parts) {
      const result = await this.#single(part, request);
      if (!result.ok) return { status: result.status, headers: contentType, body: text(result) };
      results.push(result);
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

  async #single(part: Single, request: AwsRequest): Promise<ActionResult> {
    const { region } = request;
    const table = this.#table(part.body.TableName, region);
    if (table === null) {
      return refused("ResourceNotFoundException", "Requested resource not found");
    }
    const unmodelled = unmodelledMembers(part.action, part.body);
    if (unmodelled.length > 0) {
      return refused("ValidationException", `the lab models no ${unmodelled.join(", ")}`);
    }
    const writes = isWrite(part);
    if (!table.strong) return this.#run(part, table, request, 0);
    if (!writes && part.body.ConsistentRead !== true) {
      return runAction(part.action, table.replica(region), { ...part.body });
    }
    return this.#strongly(part, table, request, writes ? strongWrite : strongRead);
  }

  async #strongly(
    part: Single,
    table: GlobalTable,
    request: AwsRequest,
    range: { low: number; high: number },
  ): Promise<ActionResult> {
    const { clock, random, network } = this.#parts.lab;
    const total = random.between("dynamodb:strong", range.low, range.high);
    await clock.sleep(total / 2);
    const from = { region: request.region };
    const others = table.members.filter((member) => member !== request.region);
    if (!others.some((member) => network.reachable(from, member))) {
      await clock.sleep(random.between("dynamodb:no-quorum", quorumLost.low, quorumLost.high));
      return refused("InternalServerError", "Internal server error", 500);
    }
    const result = this.#run(part, table, request, total / 2);
    await clock.sleep(total / 2);
    return result;
  }

  /** The instant of the action. `remaining`: ms until the caller of a strong write is answered. */
  #run(part: Single, table: GlobalTable, request: AwsRequest, remaining: number): ActionResult {
    const store = table.truth(request.region);
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

const isWrite = ({ action }: Single): boolean =>
  action === "PutItem" || action === "UpdateItem" || action === "DeleteItem";

const answerOf = (result: ActionResult | undefined): object => (result?.ok ? result.answer : {});

const text = (result: ActionResult & { ok: false }): string => JSON.stringify(result.body);

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
