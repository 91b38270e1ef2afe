// AWS Health delivers an event in the impaired Region and, as a copy, in a backup Region. The first
// may be too ill to pass it on, and the passive Region is the one that acts: so whoever receives
// one hands it to the default buses of the other Regions that serve. Only what AWS delivered here
// is handed on, not what was handed here: the envelope keeps the Region of its delivery, and two
// serving Regions would play ball for ever. Copies are harmless: issues are stored by their ARN,
// and a minute's runs have one name.
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import { BusRelay } from "./bus-relay.ts";

export class HealthRelay extends BusRelay {
  /** `region`: where it stands, a serving Region or the backup Region. */
  constructor(scope: Construct, id: string, config: Config, region: Region) {
    const serving = servingRegions(config);
    super(scope, id, {
      ruleName: `${config.application}-health-relay`,
      description: "AWS Health events about a serving Region: told to the other serving Regions",
      eventPattern: {
        source: ["aws.health"],
        detailType: ["AWS Health Event"],
        region: [region],
        detail: { eventRegion: serving },
      },
      into: serving.filter((other) => other !== region),
    });
  }
}
