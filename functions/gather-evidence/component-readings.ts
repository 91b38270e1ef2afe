// What each serving Region's own CloudWatch counted in the last whole minutes, one call a Region. A
// Region that is down doesn't answer: it is given up after seconds in which the looks are still
// under way, so no decision waits for it.
import { type Series, seriesKey } from "../../core/component-metrics.ts";
import { componentWindow, type MinuteValue, type Readings } from "../../core/components.ts";
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import type { MinutesQuery } from "../adapters/cloudwatch.ts";

export interface ComponentPorts {
  /** In the order of the series; what is incomplete is empty. Fails after so many seconds. */
  minutesOf(query: MinutesQuery, seconds: number): Promise<readonly (readonly MinuteValue[])[]>;
  now(): number;
}

const askSeconds = 3;

export async function componentReadings(
  ports: ComponentPorts,
  config: Config,
  series: readonly Series[],
): Promise<Record<Region, Readings | null>> {
  const window = componentWindow(ports.now());
  const asked = servingRegions(config).map(async (region) => {
    const minutes = await ports
      .minutesOf({ region, series, ...window }, askSeconds)
      .catch(() => null);
    return [region, minutes === null ? null : readingsOf(series, minutes)] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

function readingsOf(
  series: readonly Series[],
  minutes: readonly (readonly MinuteValue[])[],
): Readings {
  return new Map(series.map((each, i) => [seriesKey(each), minutes[i] ?? []]));
}
