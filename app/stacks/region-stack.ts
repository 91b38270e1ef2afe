// Everything that a serving Region runs. Deployed twice, from the same code, with nothing in one
// Region's stack that refers to the other's: what they must agree on is a name.
import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import type { StepFunctions } from "../../workflows/region-switch/step-task.ts";
import { RegionSwitch } from "../../workflows/region-switch.ts";
import type { ApiDefinition } from "../api-definition.ts";
import type { Bundles } from "../bundles.ts";
import { acknowledgeWildcard } from "../constructs/acknowledge.ts";
import { Alarms } from "../constructs/alarms.ts";
import { Archive } from "../constructs/archive.ts";
import { JourneyCanary } from "../constructs/canary.ts";
import { CustomDomains } from "../constructs/custom-domains.ts";
import { EventsPipeline } from "../constructs/events-pipeline.ts";
import { EventsRoutes } from "../constructs/events-routes.ts";
import { servingFolders } from "../constructs/function-catalogue.ts";
import { Functions } from "../constructs/functions.ts";
import { HealthRelay } from "../constructs/health-relay.ts";
import { Notifications } from "../constructs/notifications.ts";
import { ApplicationApi } from "../constructs/rest-api.ts";
import { WatchSchedule } from "../constructs/schedule.ts";
import { Signals } from "../constructs/signals.ts";

export interface RegionStackProps extends StackProps {
  readonly config: Config;
  readonly bundles: Bundles;
  readonly servingRegion: Region;
  readonly api: ApiDefinition;
}

export class RegionStack extends Stack {
  readonly domains: CustomDomains;

  constructor(scope: Construct, id: string, props: RegionStackProps) {
    super(scope, id, props);
    const { config, bundles, servingRegion: region } = props;
    const folders = servingFolders(config);
    const functions = new Functions(this, "Functions", { config, region, bundles, folders });
    const answers = functions.api(props.api);
    const { api } = new ApplicationApi(this, "Orders", config, props.api, answers);
    this.domains = new CustomDomains(this, "Domains", config, region, api);
    const steps = stepsOf(functions);
    const { machine, role } = new RegionSwitch(this, "RegionSwitch", { config, functions: steps });
    acknowledgeWildcard(role, "*", "Log delivery and tracing know no resources");
    const { topic } = new Notifications(this, "Notifications", config);
    const alarms = new Alarms(this, "Alarms", config, topic);
    alarms.runs(machine);
    alarms.watch(functions.of("watch"));
    alarms.archive(region);
    new Archive(this, "Archive", config);
    new WatchSchedule(this, "WatchSchedule", config, functions.of("watch"));
    new Signals(this, "Signals", config, functions.of("on-signal"));
    new HealthRelay(this, "HealthRelay", config, region);
    if (config.workloads.includes("events")) {
      const process = functions.of("process-events");
      const { bus } = new EventsPipeline(this, "Events", { config, process, alarms });
      new EventsRoutes(this, "EventsRoutes", { config, api, reads: answers, bus });
    }
    if (config.canaries) new JourneyCanary(this, "Journey", { config, region, bundles, alarms });
  }
}

function stepsOf(functions: Functions): StepFunctions {
  return {
    "gather-evidence": functions.of("gather-evidence"),
    decide: functions.of("decide"),
    "request-approval": functions.of("request-approval"),
    "claim-epoch": functions.of("claim-epoch"),
    "fence-source": functions.of("fence-source"),
    "check-drain": functions.of("check-drain"),
    "promote-target": functions.of("promote-target"),
    "shift-traffic": functions.of("shift-traffic"),
    "verify-shift": functions.of("verify-shift"),
    "record-outcome": functions.of("record-outcome"),
  };
}
