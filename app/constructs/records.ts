// What the zone answers. Public name: failover alias records, the primary's with its check, the
// secondary's without: Route 53 answers it whenever the primary is out. Beside it a TXT marker
// with the same records, since API Gateway's addresses don't tell which Region was answered.
import { Duration } from "aws-cdk-lib";
import type { DomainName } from "aws-cdk-lib/aws-apigateway";
import {
  type AliasRecordTargetConfig,
  type Failover,
  type IAliasRecordTarget,
  type IHealthCheck,
  type IHostedZone,
  RecordSet,
  RecordTarget,
  RecordType,
} from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { markerName, ownName, publicTargetName } from "../../core/names.ts";

/** Of the marker, which has no alias to inherit one from: as short as it is useful. */
const markerTtl = Duration.seconds(10);

export interface RegionRecords {
  readonly region: Region;
  readonly failover: Failover;
  /** Absent: in service whenever Route 53 asks. */
  readonly check?: IHealthCheck;
  readonly publicDomain: DomainName;
  readonly ownDomain: DomainName;
}

/** CDK's own target for API Gateway can't evaluate target health, which its failover alias records
 * demand. For API Gateway that evaluates nothing but the service itself; our checks decide. */
class RegionalDomain implements IAliasRecordTarget {
  constructor(
    private readonly domain: DomainName,
    private readonly evaluateTargetHealth: boolean,
  ) {}

  bind(): AliasRecordTargetConfig {
    return {
      dnsName: this.domain.domainNameAliasDomainName,
      hostedZoneId: this.domain.domainNameAliasHostedZoneId,
      evaluateTargetHealth: this.evaluateTargetHealth,
    };
  }
}

export class Records extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: Config,
    private readonly zone: IHostedZone,
    regions: readonly RegionRecords[],
  ) {
    super(scope, id);
    for (const records of regions) {
      const within = new Construct(this, records.region);
      this.publicName(within, records);
      this.marker(within, records);
      this.direct(within, "Own", ownName(config, records.region), records.ownDomain);
      const target = publicTargetName(config, records.region);
      this.direct(within, "PublicTarget", target, records.publicDomain);
    }
  }

  private publicName(scope: Construct, records: RegionRecords): void {
    for (const recordType of [RecordType.A, RecordType.AAAA]) {
      new RecordSet(scope, `Public${recordType}`, {
        zone: this.zone,
        recordName: absolute(this.config.domain.name),
        recordType,
        target: RecordTarget.fromAlias(new RegionalDomain(records.publicDomain, true)),
        ...failover(records),
      });
    }
  }

  private marker(scope: Construct, records: RegionRecords): void {
    new RecordSet(scope, "Marker", {
      zone: this.zone,
      recordName: absolute(markerName(this.config)),
      recordType: RecordType.TXT,
      target: RecordTarget.fromValues(JSON.stringify(records.region)),
      ttl: markerTtl,
      ...failover(records),
    });
  }

  private direct(scope: Construct, id: string, name: string, domain: DomainName): void {
    for (const recordType of [RecordType.A, RecordType.AAAA]) {
      new RecordSet(scope, `${id}${recordType}`, {
        zone: this.zone,
        recordName: absolute(name),
        recordType,
        target: RecordTarget.fromAlias(new RegionalDomain(domain, false)),
      });
    }
  }
}

function failover(records: RegionRecords) {
  return {
    setIdentifier: records.region,
    failover: records.failover,
    ...(records.check === undefined ? {} : { healthCheck: records.check }),
  };
}

/** With the dot, CDK takes a name as it is and adds no zone. */
const absolute = (name: string) => `${name}.`;
