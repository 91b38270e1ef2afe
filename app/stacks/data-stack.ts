// The tables, made in the primary Region with a replica in the secondary. Encryption is
// DynamoDB's own key in both: a customer key per Region would be one more thing to lose, and losing
// access to it detaches a replica. Names are fixed, so no other stack refers to these.
import { RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  MultiRegionConsistency,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { applicationTableName, customerIndexName } from "../../core/names.ts";
import { applicationTableKey, type ReplicatedTable, replicatedTables } from "../../core/tables.ts";
import { ControlTable } from "../constructs/control-table.ts";

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

const key = (name: string) => ({ name, type: AttributeType.STRING });

export class DataStack extends Stack {
  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    this.application(props.config);
    new ControlTable(this, "Control", props.config);
    for (const table of replicatedTables(props.config)) {
      if (table.name !== applicationTableKey) this.own(props.config, table);
    }
  }

  /** A team's: their keys, the same promises. TTL is there for who sets the attribute. */
  private own(config: Config, { name, fullName, partitionKey, sortKey }: ReplicatedTable): void {
    new TableV2(this, `Own-${name}`, {
      ...this.both(),
      ...this.replicated(config),
      tableName: fullName,
      partitionKey: key(partitionKey),
      ...(sortKey === undefined ? {} : { sortKey: key(sortKey) }),
    });
  }

  /** Orders, journal, heartbeats: replicated asynchronously, last writer wins. */
  private application(config: Config): void {
    new TableV2(this, "Application", {
      ...this.both(),
      ...this.replicated(config),
      partitionKey: key("pk"),
      sortKey: key("sk"),
      tableName: applicationTableName(config),
      globalSecondaryIndexes: [
        {
          indexName: customerIndexName,
          partitionKey: key("customer"),
          sortKey: key("createdAt"),
        },
      ],
    });
  }

  private replicated(config: Config) {
    return {
      multiRegionConsistency: MultiRegionConsistency.EVENTUAL,
      replicas: [{ region: config.regions.secondary }],
      timeToLiveAttribute: "expiresAt",
    };
  }

  private both(): Omit<TablePropsV2, "replicas" | "partitionKey"> {
    return {
      // A failover doubles one Region's load within seconds; provisioned capacity would follow
      // minutes later.
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
  }
}
