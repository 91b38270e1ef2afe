// Routing state, views, ledger. Written as CloudFormation writes it, since CDK's TableV2 (2.276)
// refuses Region sets that DynamoDB takes since 2026-09; one way for all pairs. No TTL: MRSC has
// none, and a ledger that forgets is none. Encryption is DynamoDB's own key, as TableV2's.
import { RemovalPolicy } from "aws-cdk-lib";
import { CfnGlobalTable } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { controlTableName, servingRegions } from "../../core/names.ts";
import { tagsOf } from "../tags.ts";

export class ControlTable extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
  ) {
    super(scope, id);
    const table = new CfnGlobalTable(this, "Table", {
      tableName: controlTableName(config),
      attributeDefinitions: ["pk", "sk"].map((attributeName) => ({
        attributeName,
        attributeType: "S",
      })),
      keySchema: [
        { attributeName: "pk", keyType: "HASH" },
        { attributeName: "sk", keyType: "RANGE" },
      ],
      billingMode: "PAY_PER_REQUEST",
      sseSpecification: { sseEnabled: false },
      // CloudFormation demands it of every table with more than one replica.
      streamSpecification: { streamViewType: "NEW_AND_OLD_IMAGES" },
      replicas: servingRegions(config).map((region) => this.replica(region)),
      ...this.consistency(),
    });
    table.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  /** strong: linearizable in any two of the three Regions. eventual: asynchronous, last writer
   * wins, and no witness. */
  private consistency(): Partial<ConstructorParameters<typeof CfnGlobalTable>[2]> {
    switch (this.config.coordination) {
      case "strong":
        return {
          multiRegionConsistency: "STRONG",
          globalTableWitnesses: [{ region: this.config.regions.witness }],
        };
      case "eventual":
        return { multiRegionConsistency: "EVENTUAL" };
    }
  }

  private replica(region: Region): CfnGlobalTable.ReplicaSpecificationProperty {
    return {
      region,
      deletionProtectionEnabled: true,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      tags: Object.entries(tagsOf(this.config)).map(([key, value]) => ({ key, value })),
    };
  }
}
