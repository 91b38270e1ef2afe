// The AWS Health API: what AWS itself knows of open issues, where the account's support plan lets
// it be asked. It has one active endpoint, which a global name leads to, and calls are signed for
// that endpoint's Region. Whatever goes wrong (no plan, no answer, no name) fails here, and means
// that nothing more is known: never that there is no issue.
// Source: AWS Health User Guide, "Accessing the AWS Health API".
import { Resolver } from "node:dns/promises";
import { DescribeEventsCommand, type Event } from "@aws-sdk/client-health";
import type { Config, Region } from "../../core/config/schema.ts";
import type { HealthIssue } from "../../core/contracts/evidence.ts";
import { healthMaximumAgeSeconds, issueFromApi } from "../../core/health.ts";
import { servingRegions } from "../../core/names.ts";
import { bounded, healthIn } from "./clients.ts";

export interface HealthApi {
  /** Open issues of serving Regions that were updated within a day, as they stand at `now` (ms
   * since 1970). */
  openIssues(now: number): Promise<HealthIssue[]>;
}

const globalName = "global.health.amazonaws.com";
/** Name and answer together: beside looks, which take longer. */
const askSeconds = 4;
/** Of 100 events. Two serving Regions never had so many open issues in one day. */
const pagesMax = 3;

export function healthApi(config: Config): HealthApi {
  return {
    openIssues: (now) =>
      bounded(askSeconds, async (options) => {
        const client = healthIn(await activeRegion());
        const events: Event[] = [];
        let nextToken: string | undefined;
        for (let page = 0; page < pagesMax; page += 1) {
          const command = new DescribeEventsCommand({ ...asked(config, now), nextToken });
          const answer = await client.send(command, options);
          events.push(...(answer.events ?? []));
          nextToken = answer.nextToken;
          if (nextToken === undefined) break;
        }
        return events.flatMap((event) => issueFromApi(inMilliseconds(event), config, now) ?? []);
      }),
  };
}

function asked(config: Config, now: number) {
  const from = new Date(now - healthMaximumAgeSeconds * 1_000);
  return {
    maxResults: 100,
    filter: {
      regions: [...servingRegions(config)],
      services: config.detection.healthServices,
      eventTypeCategories: ["issue" as const],
      eventStatusCodes: ["open" as const],
      lastUpdatedTimes: [{ from }],
    },
  };
}

/** Asked for each time: it moves when the Region that answers is in trouble. */
async function activeRegion(): Promise<Region> {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const [name] = await resolver.resolveCname(globalName);
  const region = /^health\.([a-z0-9-]+)\.amazonaws\.com\.?$/.exec(name ?? "")?.[1];
  if (region === undefined) throw new Error(`${globalName} leads to no endpoint of AWS Health.`);
  return region;
}

function inMilliseconds({ startTime, endTime, lastUpdatedTime, ...event }: Event) {
  return {
    ...event,
    startTime: startTime?.getTime(),
    endTime: endTime?.getTime(),
    lastUpdatedTime: lastUpdatedTime?.getTime(),
  };
}
