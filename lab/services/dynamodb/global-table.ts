// One global table: a store for each replica Region and, for strong consistency (MRSC), one
// authoritative store besides. MRSC is thus linearizable by construction; its replicas' own stores
// only serve eventually consistent reads.
import { z } from "zod";
import type { Region } from "../../../core/config/schema.ts";
import type { Item } from "./attribute-values.ts";
import { keyOf } from "./dynalite.ts";
import { MemoryStore, type TableDescription } from "./memory-store.ts";

const keySchema = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }))
  .min(1);

/** AWS::DynamoDB::GlobalTable, as far as it shows in a drill. Strict: an unknown member is refused
 * by name. */
export const globalTableProperties = z.strictObject({
  TableName: z.string(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
  ),
  BillingMode: z.literal("PAY_PER_REQUEST"),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
        WarmThroughput: z.unknown().optional(),
      }),
    )
    .optional(),
  MultiRegionConsistency: z.enum(["EVENTUAL", "STRONG"]).default("EVENTUAL"),
  GlobalTableWitnesses: z.array(z.strictObject({ Region: z.string() })).optional(),
  Replicas: z.array(z.looseObject({ Region: z.string() })).min(1),
  TimeToLiveSpecification: z
    .object({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
  // No effect that a drill can see.
  SSESpecification: z.unknown().optional(),
  StreamSpecification: z.unknown().optional(),
  WriteOnDemandThroughputSettings: z.unknown().optional(),
  ReadOnDemandThroughputSettings: z.unknown().optional(),
  WarmThroughput: z.unknown().optional(),
});
type Properties = z.infer<typeof globalTableProperties>;

/** When (virtual ms since 1970) and where the value that a replica holds was written. */
export interface Stamp {
  readonly at: number;
  readonly region: Region;
}

export class GlobalTable {
  readonly name: string;
  readonly strong: boolean;
  readonly replicas: readonly Region[];
  /** Replicas, and the witness where there is one. */
  readonly members: readonly Region[];
  readonly ttlAttribute: string | null;
  readonly description: TableDescription;
  /** Its attribute's name. */
  readonly partitionKey: string;
  /** By Region, then by the store's key. */
  readonly stamps: ReadonlyMap<Region, Map<string, Stamp>>;
  readonly #stores: ReadonlyMap<Region, MemoryStore>;
  readonly #authority: MemoryStore | null;

  constructor(properties: Properties) {
    refuseWhatMrscRefuses(properties);
    const { TimeToLiveSpecification: ttl } = properties;
    this.name = properties.TableName;
    this.strong = properties.MultiRegionConsistency === "STRONG";
    this.replicas = properties.Replicas.map(({ Region }) => Region);
    const witnesses = (properties.GlobalTableWitnesses ?? []).map(({ Region }) => Region);
    this.members = [...this.replicas, ...witnesses];
    this.ttlAttribute = ttl?.Enabled ? (ttl.AttributeName ?? null) : null;
    this.description = describe(properties);
    const { KeySchema } = this.description;
    this.partitionKey = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
    this.stamps = new Map(this.replicas.map((region) => [region, new Map()]));
    this.#stores = new Map(
      this.replicas.map((region) => [region, new MemoryStore(this.description)]),
    );
    this.#authority = this.strong ? new MemoryStore(this.description) : null;
  }

  /** The replica's own store: all of MREC, and MRSC's eventually consistent reads. */
  replica(region: Region): MemoryStore {
    const store = this.#stores.get(region);
    if (store === undefined) throw new Error(`${this.name} has no replica in ${region}`);
    return store;
  }

  /** Where writes and strongly consistent reads of that Region go. */
  truth(region: Region): MemoryStore {
    return this.#authority ?? this.replica(region);
  }

  key(item: Item): string {
    return keyOf(item, this.description);
  }

  keyAttributes(item: Item): Item {
    const names = this.description.KeySchema.map(({ AttributeName }) => AttributeName);
    return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
  }
}

/** Source: "How DynamoDB global tables work": exactly three members, no TTL. */
function refuseWhatMrscRefuses(properties: Properties): void {
  if (properties.MultiRegionConsistency !== "STRONG") return;
  const members = properties.Replicas.length + (properties.GlobalTableWitnesses?.length ?? 0);
  if (members !== 3) throw new Error("MRSC needs three replicas, or two and a witness");
  if (properties.TimeToLiveSpecification?.Enabled) throw new Error("MRSC has no TTL");
}

function describe(properties: Properties): TableDescription {
  const indexes = properties.GlobalSecondaryIndexes;
  return {
    TableName: properties.TableName,
    TableStatus: "ACTIVE",
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    ...(indexes ? { GlobalSecondaryIndexes: indexes } : {}),
  };
}
