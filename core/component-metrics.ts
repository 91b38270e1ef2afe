// Which metrics say how the components of a Region fare: names, dimensions and statistics as AWS
// publishes them, by the minute. All of one Region are asked for in one GetMetricData call.
import type { Config } from "./config/schema.ts";
import type { ComponentName } from "./contracts/evidence.ts";
import {
  apiName,
  apiStageName,
  applicationTableName,
  controlTableName,
  eventQueueName,
  functionName,
  tableName,
} from "./names.ts";

export type Series = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Sum" | "SampleCount" | "Maximum";
};

/** Failures among attempts of one thing: an API, a function, a table. */
export type ShareRule = {
  readonly component: Extract<ComponentName, "api-errors" | "functions" | "tables">;
  readonly subject: string;
  readonly attempts: readonly Series[];
  /** Published with each attempt, failed or not: absent is unknown. */
  readonly failures: readonly Series[];
  /** Published when there is something to count: absent beside attempts is none. */
  readonly sparseFailures: readonly Series[];
};

export type ComponentRules = {
  readonly shares: readonly ShareRule[];
  readonly latency: { readonly total: Series; readonly count: Series };
  /** null: no events workload. */
  readonly queueAge: Series | null;
};

/** `apiFunction`: the deployed name of the function behind the API; null: not known. */
export function componentRules(config: Config, apiFunction: string | null): ComponentRules {
  const events = config.workloads.includes("events");
  const functions = [
    ...(apiFunction === null ? [] : [apiFunction]),
    ...(events ? [functionName(config, "process-events")] : []),
  ];
  const tables = [
    applicationTableName(config),
    controlTableName(config),
    ...config.tables.map(({ name }) => tableName(config, name)),
  ];
  const count = ofApi(config, "Count", "SampleCount");
  return {
    shares: [
      apiErrors(config, count),
      ...functions.map(functionErrors),
      ...tables.map(tableErrors),
    ],
    latency: { total: ofApi(config, "Latency", "Sum"), count },
    queueAge: events ? queueAge(config) : null,
  };
}

/** Each once. */
export function seriesOf({ shares, latency, queueAge: age }: ComponentRules): Series[] {
  const all = [
    ...shares.flatMap((rule) => [...rule.attempts, ...rule.failures, ...rule.sparseFailures]),
    latency.total,
    latency.count,
    ...(age === null ? [] : [age]),
  ];
  return [...new Map(all.map((series) => [seriesKey(series), series])).values()];
}

export function seriesKey({ namespace, name, dimensions, statistic }: Series): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions), statistic]);
}

/** API Gateway developer guide, "Amazon API Gateway dimensions and metrics": SampleCount of Count
 * is the number of requests; 5XXError comes with each of them. */
function apiErrors(config: Config, count: Series): ShareRule {
  const failures = [ofApi(config, "5XXError", "Sum")];
  const subject = apiName(config);
  return { component: "api-errors", subject, attempts: [count], failures, sparseFailures: [] };
}

function ofApi(config: Config, name: string, statistic: Series["statistic"]): Series {
  const dimensions = { ApiName: apiName(config), Stage: apiStageName };
  return { namespace: "AWS/ApiGateway", name, dimensions, statistic };
}

/** Lambda developer guide, "Types of metrics": a throttled request is neither an invocation nor an
 * error. */
function functionErrors(name: string): ShareRule {
  const of = (metric: string): Series => ({
    ...{ namespace: "AWS/Lambda", name: metric, statistic: "Sum" },
    dimensions: { FunctionName: name },
  });
  const throttles = of("Throttles");
  return {
    ...{ component: "functions", subject: name },
    attempts: [of("Invocations"), throttles],
    failures: [of("Errors")],
    sparseFailures: [throttles],
  };
}

/** What the functions call. */
const tableOperations = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"];

/** DynamoDB developer guide, "DynamoDB metrics and dimensions": SystemErrors are published where
 * there are some; SampleCount of SuccessfulRequestLatency is the number of requests that
 * succeeded. */
function tableErrors(table: string): ShareRule {
  const of = (name: string, statistic: Series["statistic"]): Series[] =>
    tableOperations.map((Operation) => ({
      ...{ namespace: "AWS/DynamoDB", name, statistic },
      dimensions: { TableName: table, Operation },
    }));
  const errors = of("SystemErrors", "Sum");
  return {
    ...{ component: "tables", subject: table },
    attempts: [...of("SuccessfulRequestLatency", "SampleCount"), ...errors],
    failures: [],
    sparseFailures: errors,
  };
}

function queueAge(config: Config): Series {
  const dimensions = { QueueName: eventQueueName(config) };
  const name = "ApproximateAgeOfOldestMessage";
  return { namespace: "AWS/SQS", name, dimensions, statistic: "Maximum" };
}
