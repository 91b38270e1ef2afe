// A Region's two custom domain names: the public one, which both Regions have, and its own. One
// certificate covers both. ACM gives one account the same validation record for the same name in
// every Region, so the two Region stacks write the same record and don't disturb each other.
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { DomainName, EndpointType, SecurityPolicy } from "aws-cdk-lib/aws-apigateway";
import { Certificate, CertificateValidation } from "aws-cdk-lib/aws-certificatemanager";
import { HostedZone, type IHostedZone } from "aws-cdk-lib/aws-route53";
import { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { ownName } from "../../core/names.ts";

export class CustomDomains extends Construct {
  readonly publicDomain: DomainName;
  readonly ownDomain: DomainName;

  constructor(scope: Construct, id: string, config: Config, region: Region, api: RestApi) {
    super(scope, id);
    const certificate = new Certificate(this, "Certificate", {
      domainName: config.domain.name,
      subjectAlternativeNames: [ownName(config, region)],
      validation: CertificateValidation.fromDns(zoneOf(this, config)),
    });
    const domain = (name: string, domainName: string) => {
      const made = new DomainName(this, name, {
        domainName,
        certificate,
        endpointType: EndpointType.REGIONAL,
        securityPolicy: SecurityPolicy.TLS_1_2,
      });
      made.addBasePathMapping(api);
      return made;
    };
    this.publicDomain = domain("Public", config.domain.name);
    this.ownDomain = domain("Own", ownName(config, region));
  }
}

/** The zone is the owner's: imported by id, never created or looked up. */
export function zoneOf(scope: Construct, config: Config): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(scope, "Zone", {
    hostedZoneId: config.domain.hostedZoneId,
    zoneName: config.domain.hostedZoneName,
  });
}
