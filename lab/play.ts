// What a drill and its baseline have in common: the clients of a scenario, and the hands with which
// its timeline acts on a running lab. What operators do is the drill's alone.
import type { Config, Region } from "../core/config/schema.ts";
import { functionName } from "../core/names.ts";
import { Fleet } from "./clients/fleet.ts";
import { stopSwitch } from "./faults/stop-switch.ts";
import { account, type RunningLab } from "./lab.ts";
import { healthWords } from "./scenarios/health-words.ts";
import type { LoadedScenario } from "./scenarios/load.ts";
import type { TimelinePorts } from "./scenarios/timeline.ts";

/** How long the application has been running at 0s: long enough that every schedule has fired,
 * every check has its verdict, and the heartbeats flow. */
export const warmUpMilliseconds = 150_000;
/** After the end, for what is still under way: a client gives up after 10 s. */
export const settleMilliseconds = 12_000;

/** ms since 1970 of 0s. */
export const zeroOf = ({ scenario }: LoadedScenario) => Date.parse(scenario.startsAt);

/** `endsAt`: ms since 1970; no request begins after it. */
export function fleetOf(loaded: LoadedScenario, { lab }: RunningLab, endsAt: number): Fleet {
  const { scenario, config, regionOf } = loaded;
  const regions = scenario.traffic.regions.map(regionOf);
  return new Fleet(lab, {
    traffic: { ...scenario.traffic, regions },
    workloads: config.workloads,
    publicName: config.domain.name,
    startsAt: zeroOf(loaded),
    endsAt,
  });
}

/** `name`: the function's folder. */
export function functionArn(config: Config, region: Region, name: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${functionName(config, name)}`;
}

export function timelinePorts(
  { config, regionOf }: LoadedScenario,
  running: RunningLab,
): Omit<TimelinePorts, "operate"> {
  const { clock, log, random, network, calls, events, apiGateway, lambda, dynamoDb } = running;
  return {
    ...{ clock, log, regionOf },
    deliverHealthEvent: (region, event) => {
      log.emit("health-event", region, healthWords(event.detail));
      running.health.published(event);
      events.putAwsEvent(region, event);
    },
    faults: {
      ...{ config, clock, random, network },
      addEndpointFault: apiGateway.addEndpointFault,
      hangFunction: (region, name, hung) => lambda.hang(region, name, hung),
      silenceCanaries: running.synthetics.silence,
      intercept: (check) => calls.intercept(check),
      addServiceFault: (...fault) => running.hindrances.add(...fault),
      setStagesDeleted: apiGateway.setStagesDeleted,
      setMappingsDeleted: apiGateway.setMappingsDeleted,
      addEventDelay: (region, delay) => events.addDelay(region, delay),
      addReplicationFault: dynamoDb.addReplicationFault,
      skewClocks: (region, milliseconds) => skewed(running, region, milliseconds),
    },
    stopSwitch: () =>
      stopSwitch({ config, network, dynamoDb, executions: running.states.executions }),
    crashFunction: (region, name, invocation) =>
      lambda.crash(functionArn(config, region, name), invocation),
    setVariables: (region, name, env) =>
      lambda.setVariables(functionArn(config, region, name), env),
  };
}

/** The log says how far the clocks are off, for whoever reads what they stamped. */
function skewed({ clocks, log }: RunningLab, region: Region, milliseconds: number): () => void {
  const tell = () => log.emit("clocks-set", region, { milliseconds: clocks.offset(region) });
  const heal = clocks.skew(region, milliseconds);
  tell();
  return () => {
    heal();
    tell();
  };
}
