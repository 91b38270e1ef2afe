// The witness Region has no on-signal and no machine: what its canary finds goes to the default
// buses of both serving Regions, whose rules wake on-signal with it. To both, since one of them may
// be down, and the passive one acts.
import type { Construct } from "constructs";
import type { Config } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import { BusRelay } from "./bus-relay.ts";
import { canaryAlarms } from "./signals.ts";

export class CanaryRelay extends BusRelay {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id, {
      ruleName: `${config.application}-canaries`,
      description: "A canary of the witness finds a Region failing: told to both serving Regions",
      eventPattern: canaryAlarms(config),
      into: servingRegions(config),
    });
  }
}
