import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import type { Network } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import {
  createDynamoDb,
  type DynamoDb,
  type TableWrite,
} from "../../../../lab/services/dynamodb/dynamodb.ts";
import { account, callerArn, inProcess, settled } from "../in-process.ts";

const east = "us-east-1";
const west = "us-west-2";
const witness = "us-east-2";
const zero = Date.UTC(2026, 0, 15, 9);

let clock: LabClock;
let network: Network;
let hindrances: Hindrances;
let dynamodb: DynamoDb;
let log: ReturnType<typeof createEventLog>;
const keySchema = [
  { AttributeName: "pk", KeyType: "HASH" },
  { AttributeName: "sk", KeyType: "RANGE" },
];

function resource(properties: { [name: string]: never } | object) {
  return {
    stack: "data",
    region: east,
    logicalId: "Table",
    type: "AWS::DynamoDB::GlobalTable",
    properties: JSON.parse(JSON.stringify(properties)),
  };
}

const application = {
  TableName: "orders-application",
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: keySchema,
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "customer", AttributeType: "S" },
    { AttributeName: "createdAt", AttributeType: "S" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-customer",
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "createdAt", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
  Replicas: [{ Region: east, PointInTimeRecoverySpecification: {} }, { Region: west }],
};
const control = {
  TableName: "orders-control",
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: keySchema,
  AttributeDefinitions: application.AttributeDefinitions.slice(0, 2),
  MultiRegionConsistency: "STRONG",
  GlobalTableWitnesses: [{ Region: witness }],
  Replicas: [{ Region: east }, { Region: west }],
};

beforeEach(async () => {
  clock = installClock({ zero });
  const random = createRandom(1);
  network = createNetwork(clock, random);
  hindrances = new Hindrances(random);
  const hindrance = hindrances.meets.bind(hindrances);
  log = createEventLog(clock);
  dynamodb = createDynamoDb(
    { account, clock, random, log, network, hindrance },
    { logged: ["orders-control"] },
  );
  for (const table of [application, control]) {
    await dynamodb.models["AWS::DynamoDB::GlobalTable"]?.(resource(table));
  }
});
afterEach(() => clock.uninstall());

const client = (region: string) => new DynamoDBClient(inProcess(dynamodb.service, region));
const now = <T>(operation: Promise<T>) => settled(clock, operation);
const order = (id: string, more: object = {}) => ({
  pk: { S: `order#${id}` },
  sk: { S: "order" },
  ...more,
});
const putOrder = (region: string, id: string, more: object = {}) =>
  client(region).send(
    new PutItemCommand({ TableName: "orders-application", Item: order(id, more) }),
  );
const getOrder = async (region: string, id: string) =>
  (
    await client(region).send(
      new GetItemCommand({ TableName: "orders-application", Key: order(id), ConsistentRead: true }),
    )
  ).Item;
const routing = { pk: { S: "group#orders" }, sk: { S: "routing" } };
const bump = (region: string, from: number, more: object = {}) =>
  client(region).send(
    new UpdateItemCommand({
      TableName: "orders-control",
      Key: routing,
      UpdateExpression: "SET epoch = :next",
      ConditionExpression: "attribute_not_exists(epoch) OR epoch = :now",
      ExpressionAttributeValues: { ":now": { N: `${from}` }, ":next": { N: `${from + 1}` } },
      ...more,
    }),
  );

describe("a replica", () => {
  it("gives back what was put", async () => {
    await now(putOrder(east, "1", { total: { N: "12.50" } }));
    expect(await now(getOrder(east, "1"))).toEqual(order("1", { total: { N: "12.5" } }));
  });

  it("answers a condition that failed as AWS does, with the item where asked for", async () => {
    await now(putOrder(east, "1", { total: { N: "1" } }));
    const again = client(east).send(
      new PutItemCommand({
        TableName: "orders-application",
        Item: order("1"),
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(now(again)).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: order("1", { total: { N: "1" } }),
    });
  });

  it("answers an index in order, paged, filtered and backwards", async () => {
    for (const id of ["3", "1", "2"]) {
      await now(putOrder(east, id, { customer: { S: "c" }, createdAt: { S: `t${id}` } }));
    }
    const page = await now(
      client(east).send(
        new QueryCommand({
          TableName: "orders-application",
          IndexName: "by-customer",
          KeyConditionExpression: "customer = :c AND createdAt > :t",
          ExpressionAttributeValues: { ":c": { S: "c" }, ":t": { S: "t1" } },
          ScanIndexForward: false,
          Limit: 1,
        }),
      ),
    );
    expect(page.Items?.map(({ pk }) => pk?.S)).toEqual(["order#3"]);
    expect(page.LastEvaluatedKey?.pk?.S).toBe("order#3");
  });

  it("serves batches, and drops a deleted item from scans", async () => {
    await now(
      client(east).send(
        new BatchWriteItemCommand({
          RequestItems: {
            "orders-application": [
              { PutRequest: { Item: order("1") } },
              { PutRequest: { Item: order("2") } },
            ],
          },
        }),
      ),
    );
    const both = await now(
      client(east).send(
        new BatchGetItemCommand({
          RequestItems: {
            "orders-application": { Keys: [order("2"), order("nobody"), order("1")] },
          },
        }),
      ),
    );
    expect(both.Responses?.["orders-application"]).toEqual([order("2"), order("1")]);
    const gone = new DeleteItemCommand({ TableName: "orders-application", Key: order("1") });
    await now(client(east).send(gone));
    const rest = await now(client(east).send(new ScanCommand({ TableName: "orders-application" })));
    expect(rest.Items).toEqual([order("2")]);
  });

  it("does not change what was read when the item is updated later", async () => {
    await now(putOrder(east, "1", { lines: { L: [{ S: "a" }] } }));
    const writes: TableWrite[] = [];
    dynamodb.onWrite((write) => writes.push(write));
    for (const line of ["b", "c"]) {
      await now(
        client(east).send(
          new UpdateItemCommand({
            TableName: "orders-application",
            Key: order("1"),
            UpdateExpression: "SET #l = list_append(#l, :l)",
            ExpressionAttributeNames: { "#l": "lines" },
            ExpressionAttributeValues: { ":l": { L: [{ S: line }] } },
          }),
        ),
      );
    }
    const local = writes.filter(({ by }) => by === callerArn);
    expect(local.map((write) => write.item()?.lines)).toEqual([
      ["a", "b"],
      ["a", "b", "c"],
    ]);
  });

  it("refuses by name what is not modelled", async () => {
    const transaction = client(east).send(new TransactWriteItemsCommand({ TransactItems: [] }));
    await expect(now(transaction)).rejects.toMatchObject({ name: "UnknownOperationException" });
    const elsewhere = client(witness).send(
      new GetItemCommand({ TableName: "orders-control", Key: routing }),
    );
    await expect(now(elsewhere)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("replication of an eventually consistent table", () => {
  it("arrives after its lag and not before, indexes included", async () => {
    const put = putOrder(east, "1", { customer: { S: "c" }, createdAt: { S: "t" } });
    await put;
    await clock.runUntil(zero + 199);
    expect(dynamodb.readAll("orders-application", west)).toEqual([]);
    await clock.runUntil(zero + 1201);
    const found = await now(
      client(west).send(
        new QueryCommand({
          TableName: "orders-application",
          IndexName: "by-customer",
          KeyConditionExpression: "customer = :c",
          ExpressionAttributeValues: { ":c": { S: "c" } },
        }),
      ),
    );
    expect(found.Count).toBe(1);
  });

  it("keeps no order between items", async () => {
    const arrived: unknown[] = [];
    dynamodb.onWrite(({ by, key }) => by === "replication" && arrived.push(key.pk));
    for (let id = 0; id < 20; id += 1) {
      await putOrder(east, `${id}`);
      await clock.runUntil(clock.now() + 5);
    }
    await clock.runUntil(zero + 5000);
    expect(arrived).toHaveLength(20);
    expect(arrived).not.toEqual(Array.from({ length: 20 }, (_, id) => `order#${id}`));
  });

  it("lets the last writer win in both Regions, whichever arrives last", async () => {
    network.block(east, west);
    network.block(west, east);
    await putOrder(east, "1", { by: { S: "early" } });
    await clock.runUntil(zero + 60_000);
    await putOrder(west, "1", { by: { S: "late" } });
    await clock.runUntil(zero + 120_000);
    expect((await getOrder(east, "1"))?.by?.S).toBe("early");
    network.unblock(east, west);
    network.unblock(west, east);
    await clock.runUntil(zero + 180_000);
    expect((await getOrder(east, "1"))?.by?.S).toBe("late");
    expect((await getOrder(west, "1"))?.by?.S).toBe("late");
  });

  it("goes on against a partition that is one way, and waits with it", async () => {
    network.block(west, east);
    await putOrder(east, "1");
    await putOrder(west, "2");
    await clock.runUntil(zero + 60_000);
    expect(await getOrder(west, "1")).toEqual(order("1"));
    expect(await getOrder(east, "2")).toBeUndefined();
    network.unblock(west, east);
    await clock.runUntil(zero + 63_000);
    expect(await getOrder(east, "2")).toEqual(order("2"));
  });

  it("waits for a dead source to heal", async () => {
    await putOrder(east, "1");
    network.setDown(east, true);
    await clock.runUntil(zero + 600_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    network.setDown(east, false);
    await clock.runUntil(zero + 603_000);
    expect(await getOrder(west, "1")).toEqual(order("1"));
  });

  it.each([
    [east, "error"],
    [west, "unreachable"],
    [east, "no-dns"],
    [west, "throttle"],
  ] as const)("waits while DynamoDB is hindered at either end: %s, %s", async (at, mode) => {
    const heal = hindrances.add(at, "dynamodb", { mode, share: 1, seconds: 0 });
    await putOrder(east, "1");
    await clock.runUntil(zero + 60_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    heal();
    await clock.runUntil(zero + 63_000);
    expect(await getOrder(west, "1")).toEqual(order("1"));
  });

  it("lags by what a slow DynamoDB takes longer", async () => {
    hindrances.add(west, "dynamodb", { mode: "slow", share: 1, seconds: 20 });
    await putOrder(east, "1");
    await clock.runUntil(zero + 20_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    await clock.runUntil(zero + 22_000);
    expect(await getOrder(west, "1")).toEqual(order("1"));
  });

  it("is held back while a pause stands, in its direction, and later while slow", async () => {
    const heal = dynamodb.addReplicationFault(east, west, { mode: "paused" });
    const again = dynamodb.addReplicationFault(east, west, { mode: "paused" });
    await putOrder(east, "1");
    await putOrder(west, "2");
    await clock.runUntil(zero + 60_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    expect(await getOrder(east, "2")).toBeDefined();
    heal();
    await clock.runUntil(zero + 62_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    again();
    dynamodb.addReplicationFault(east, west, { mode: "slow", seconds: 30 });
    await clock.runUntil(zero + 85_000);
    expect(await getOrder(west, "1")).toBeUndefined();
    await clock.runUntil(zero + 95_000);
    expect(await getOrder(west, "1")).toBeDefined();
  });

  it("drops expired items within ten minutes, and no others", async () => {
    const expiry = (seconds: number) => ({ expiresAt: { N: `${zero / 1000 + seconds}` } });
    await putOrder(east, "1", expiry(60));
    await putOrder(east, "2", expiry(3600));
    await clock.runUntil(zero + 601_000);
    for (const region of [east, west]) {
      const kept = dynamodb.readAll("orders-application", region).map(({ pk }) => pk);
      expect(kept).toEqual(["order#2"]);
    }
  });
});

describe("a strongly consistent table", () => {
  const read = (region: string, ConsistentRead: boolean) =>
    client(region).send(
      new GetItemCommand({ TableName: "orders-control", Key: routing, ConsistentRead }),
    );

  it("reads in one Region what was just written in the other", async () => {
    await now(bump(east, 1));
    expect((await now(read(west, true))).Item?.epoch?.N).toBe("2");
  });

  it("misses the members whose DynamoDB is away, and not those that throttle customers", async () => {
    hindrances.add(west, "dynamodb", { mode: "error", share: 1, seconds: 0 });
    await now(bump(east, 1));
    const heal = hindrances.add(witness, "dynamodb", { mode: "no-dns", share: 1, seconds: 0 });
    await expect(now(bump(east, 2))).rejects.toMatchObject({ name: "InternalServerError" });
    heal();
    hindrances.add(witness, "dynamodb", { mode: "throttle", share: 1, seconds: 0 });
    await now(bump(east, 2));
  });

  it("lets one of two Regions through a condition", async () => {
    await now(bump(east, 1));
    await expect(now(bump(west, 1))).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
    });
  });

  it("refuses the second of two Regions that write the item at once", async () => {
    const both = Promise.allSettled([bump(east, 1), bump(west, 1)]);
    const names = (await now(both)).map((one) =>
      one.status === "rejected" && one.reason instanceof Error ? one.reason.name : one.status,
    );
    expect(names.sort()).toEqual(["ReplicatedWriteConflictException", "fulfilled"]);
  });

  it("takes 40 to 90 ms for a write", async () => {
    const write = bump(east, 1);
    let done = false;
    write.then(() => {
      done = true;
    });
    await clock.runUntil(zero + 39);
    expect(done).toBe(false);
    await clock.runUntil(zero + 91);
    expect(done).toBe(true);
  });

  it("goes on without one of its three members", async () => {
    network.setDown(west, true);
    await now(bump(east, 1));
    network.setDown(west, false);
    network.setDown(witness, true);
    await now(bump(west, 2));
    expect((await now(read(east, true))).Item?.epoch?.N).toBe("3");
  });

  it("answers an isolated Region 500, but for eventual reads of what it had", async () => {
    await now(bump(east, 1));
    network.block(east, west);
    network.block(witness, east);
    await now(bump(west, 2));
    const internal = { name: "InternalServerError", $metadata: { httpStatusCode: 500 } };
    await expect(now(bump(east, 3))).rejects.toMatchObject(internal);
    await expect(now(read(east, true))).rejects.toMatchObject(internal);
    expect((await now(read(east, false))).Item?.epoch?.N).toBe("2");
  });

  it("logs the routing state whole, and of other items the key", async () => {
    await now(bump(east, 1));
    const heartbeat = { pk: { S: "group#orders" }, sk: { S: "heartbeat#us-east-1" } };
    await now(
      client(east).send(
        new PutItemCommand({
          TableName: "orders-control",
          Item: { ...heartbeat, at: { N: "5" } },
        }),
      ),
    );
    const details = log.events.map(({ kind, region, detail }) => ({ kind, region, ...detail }));
    const common = { kind: "item-written", region: east, table: "orders-control", by: callerArn };
    expect(details).toEqual([
      {
        ...common,
        pk: "group#orders",
        sk: "routing",
        item: { epoch: 2 },
      },
      { ...common, pk: "group#orders", sk: "heartbeat#us-east-1" },
    ]);
  });
});
