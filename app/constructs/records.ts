// What the zone answers. The public name has failover alias records in active-passive, the
// primary's with its check, the secondary's without: Route 53 answers it whenever the primary is
// out; in active-active it has latency records, each with its Region's check. Beside it stands one
// TXT marker a Region with levers, since API Gateway's addresses don't tell which was answered:
// failover records always, since a latency record answers only the place that asks.
import { Duration } from "aws-cdk-lib";
import type { DomainName } from "aws-cdk-lib/aws-apigateway";
import {
  type AliasRecordTargetConfig,
  Failover,
  type IAliasRecordTarget,
  type IHealthCheck,
  type IHostedZone,
  RecordSet,
  RecordTarget,
  RecordType,
} from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import {
  leverRegions,
  markerName,
  ownName,
  peerOf,
  publicTargetName,
  servingRegions,
} from "../../core/names.ts";

/** Of the marker, which has no alias to inherit one from: as short as it is useful. */
const markerTtl = Duration.seconds(10);

export interface RegionRecords {
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
    private readonly recordsOf: (region: Region) => RegionRecords,
  ) {
    super(scope, id);
    for (const region of servingRegions(config)) {
      const within = new Construct(this, region);
      const { publicDomain, ownDomain } = recordsOf(region);
      this.publicName(within, region);
      this.direct(within, "Own", ownName(config, region), ownDomain);
      this.direct(within, "PublicTarget", publicTargetName(config, region), publicDomain);
    }
    for (const region of leverRegions(config)) this.marker(region);
  }

  private publicName(scope: Construct, region: Region): void {
    const target = new RegionalDomain(this.recordsOf(region).publicDomain, true);
    for (const recordType of [RecordType.A, RecordType.AAAA]) {
      new RecordSet(scope, `Public${recordType}`, {
        zone: this.zone,
        recordName: absolute(this.config.domain.name),
        recordType,
        target: RecordTarget.fromAlias(target),
        ...this.routing(region),
      });
    }
  }

  private routing(region: Region) {
    const { topology, regions } = this.config;
    switch (topology) {
      case "active-passive":
        return this.failover(region, regions.primary);
      case "active-active":
        return { setIdentifier: region, region, ...this.check(region) };
    }
  }

  /** Of the record that leads to `region`, where `first` is answered while it is healthy. */
  private failover(region: Region, first: Region) {
    const failover = region === first ? Failover.PRIMARY : Failover.SECONDARY;
    return { setIdentifier: region, failover, ...this.check(region) };
  }

  private check(region: Region) {
    const { check } = this.recordsOf(region);
    return check === undefined ? {} : { healthCheck: check };
  }

  /** Where callers nearest to `of` are sent. With its peer's check on the second record, if there
   * is one, that holds too while neither is healthy: then Route 53 treats both as if they were. */
  private marker(of: Region): void {
    const within = new Construct(this, `Marker-${of}`);
    for (const region of [of, peerOf(this.config, of)]) {
      new RecordSet(within, region, {
        zone: this.zone,
        recordName: absolute(markerName(this.config, of)),
        recordType: RecordType.TXT,
        target: RecordTarget.fromValues(JSON.stringify(region)),
        ttl: markerTtl,
        ...this.failover(region, of),
      });
    }
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

/** With the dot, CDK takes a name as it is and adds no zone. */
const absolute = (name: string) => `${name}.`;
