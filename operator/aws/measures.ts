// What is counted, sounded and stored of a deployment besides its routing state: requests and
// alarms from CloudWatch, heartbeats from the replicas, AWS Health's issues from the control table.
// Each read stands for itself, since each may be denied or silent alone.
import { DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
import { type HealthIssue, healthIssueSchema } from "../../core/contracts/evidence.ts";
import { controlKeys, heartbeatSchema, shards } from "../../core/contracts/records.ts";
import { evaluatedAt } from "../../core/health.ts";
import { apiName, apiStageName, controlTableName, groupOf } from "../../core/names.ts";
import { heartbeatKey, replicatedTables } from "../../core/tables.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";

const minute = 60_000;
const dayMilliseconds = 86_400_000;

export interface MinuteOfRequests {
  /** Start of the minute, ms since 1970. */
  readonly at: number;
  readonly requests: number;
}

/** Requests that the Region's API answered, the looks' among them, over the last `minutes`; oldest
 * first. Throws AwsFault. */
export async function requestsOf(
  clients: Clients,
  config: Config,
  region: Region,
  { now, minutes }: { readonly now: number; readonly minutes: number },
): Promise<MinuteOfRequests[]> {
  const Metric = {
    Namespace: "AWS/ApiGateway",
    MetricName: "Count",
    Dimensions: [
      { Name: "ApiName", Value: apiName(config) },
      { Name: "Stage", Value: apiStageName },
    ],
  };
  const end = Math.floor(now / minute) * minute;
  const command = new GetMetricDataCommand({
    StartTime: new Date(end - minutes * minute),
    // The running minute is not whole yet.
    EndTime: new Date(end),
    ScanBy: "TimestampAscending",
    MetricDataQueries: [
      { Id: "requests", ReturnData: true, MetricStat: { Metric, Period: 60, Stat: "SampleCount" } },
    ],
  });
  const answer = await within(region, (o) => clients.metrics(region).send(command, o));
  const [result] = answer.MetricDataResults ?? [];
  return (result?.Timestamps ?? []).flatMap((at, index) => {
    const requests = result?.Values?.[index];
    return requests === undefined ? [] : [{ at: at.getTime(), requests }];
  });
}

export interface SoundingAlarm {
  readonly region: Region;
  readonly name: string;
  readonly reason: string;
  /** ms since 1970; null: not told. */
  readonly since: number | null;
}

/** The application's alarms that sound in a Region, but for those that are levers: a pulled one is
 * no trouble. Throws AwsFault. */
export async function alarmsSounding(
  clients: Clients,
  config: Config,
  region: Region,
): Promise<SoundingAlarm[]> {
  const command = new DescribeAlarmsCommand({
    AlarmNamePrefix: `${config.application}-`,
    StateValue: "ALARM",
    MaxRecords: 100,
  });
  const answer = await within(region, (o) => clients.metrics(region).send(command, o));
  const lever = new RegExp(`^${config.application}-(switch|drain)-.*-[0-9a-f]{8}$`);
  return (answer.MetricAlarms ?? [])
    .filter(({ AlarmName = "" }) => !lever.test(AlarmName))
    .map((alarm) => ({
      region,
      name: alarm.AlarmName ?? "",
      reason: alarm.StateReason ?? "",
      since: alarm.StateUpdatedTimestamp?.getTime() ?? null,
    }));
}

/** The oldest of a Region's heartbeats as the replicas in `at` show them, of all shards and tables,
 * ms since 1970 on that Region's clock; null: one has not arrived. Throws AwsFault. */
export async function oldestBeat(
  clients: Clients,
  config: Config,
  at: Region,
  of: Region,
): Promise<number | null> {
  const everyShard = replicatedTables(config).flatMap((table) =>
    shards.map((shard) => ({ TableName: table.fullName, Key: heartbeatKey(table, of, shard) })),
  );
  const beats = await Promise.all(
    everyShard.map(async (item) => {
      const command = new GetCommand({ ...item, ConsistentRead: true });
      const answer = await within(at, (o) => clients.tables(at).send(command, o));
      return heartbeatSchema.safeParse(answer.Item).data?.at ?? null;
    }),
  );
  const seen = beats.filter((beat) => beat !== null);
  return seen.length < beats.length ? null : Math.min(...seen);
}

/** Stored by on-signal; as they count at `now`. Throws AwsFault. */
export async function healthIssuesIn(
  clients: Clients,
  config: Config,
  region: Region,
  now: number,
): Promise<HealthIssue[]> {
  const days = await Promise.all(
    [now - dayMilliseconds, now].map(async (day) => {
      const command = new QueryCommand({
        TableName: controlTableName(config),
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": controlKeys.health(groupOf(config), day, "").pk },
      });
      const answer = await within(region, (o) => clients.tables(region).send(command, o));
      return answer.Items ?? [];
    }),
  );
  const newest = new Map<string, HealthIssue>();
  for (const item of days.flat()) {
    const issue = healthIssueSchema.safeParse(item).data;
    if (issue === undefined) continue;
    const known = newest.get(issue.eventArn);
    if (known === undefined || known.updatedAt < issue.updatedAt) newest.set(issue.eventArn, issue);
  }
  return [...newest.values()].map((issue) => evaluatedAt(issue, now));
}
