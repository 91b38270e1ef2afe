// Runs of region-switch in each serving Region: starting, describing, listing, their histories, and
// the answer that a waiting one is given.
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Config, Region } from "../../core/config/schema.ts";
import type { ApprovalAnswer, SwitchRequest } from "../../core/contracts/steps.ts";
import { stateMachineName } from "../../core/names.ts";
import { within } from "./asking.ts";
import type { Clients } from "./clients.ts";

export type { DescribeExecutionOutput, ExecutionListItem, HistoryEvent };

const startSeconds = 5;
/** A run has some hundred events; its bound is AWS's own 25,000. */
const pagesMax = 25;

const machineArn = (config: Config, region: Region, account: string) =>
  `arn:aws:states:${region}:${account}:stateMachine:${stateMachineName(config)}`;

export const executionArn = (config: Config, region: Region, account: string, name: string) =>
  `arn:aws:states:${region}:${account}:execution:${stateMachineName(config)}:${name}`;

/** Region of an ARN. */
export const regionOfArn = (arn: string): Region => arn.split(":")[3] ?? "";
export const nameOfArn = (arn: string): string => arn.split(":").at(-1) ?? arn;

/** Answers the execution's ARN. Repeated under the same name it starts nothing anew. */
export async function startSwitch(
  clients: Clients,
  config: Config,
  where: { readonly region: Region; readonly account: string; readonly name: string },
  request: SwitchRequest,
): Promise<string> {
  const { region, account, name } = where;
  const command = new StartExecutionCommand({
    stateMachineArn: machineArn(config, region, account),
    name,
    input: JSON.stringify(request),
  });
  const call = () =>
    within(region, (options) => clients.states(region).send(command, options), startSeconds);
  const answer = await call();
  return answer.executionArn ?? executionArn(config, region, account, name);
}

export function describeRun(clients: Clients, arn: string): Promise<DescribeExecutionOutput> {
  const region = regionOfArn(arn);
  const command = new DescribeExecutionCommand({ executionArn: arn });
  return within(region, (options) => clients.states(region).send(command, options));
}

/** Newest first. */
export async function listRuns(
  clients: Clients,
  config: Config,
  where: { readonly region: Region; readonly account: string },
  filter: { readonly most: number; readonly running?: boolean },
): Promise<ExecutionListItem[]> {
  const { region, account } = where;
  const command = new ListExecutionsCommand({
    stateMachineArn: machineArn(config, region, account),
    maxResults: filter.most,
    ...(filter.running ? { statusFilter: "RUNNING" } : {}),
  });
  const answer = await within(region, (o) => clients.states(region).send(command, o));
  return answer.executions ?? [];
}

/** AWS's largest page. */
const runsInPage = 1_000;
const runPagesMax = 20;

export interface PastRuns {
  readonly runs: readonly ExecutionListItem[];
  /** False: there are older ones, which were not looked through. */
  readonly isWhole: boolean;
}

/** All that ended since then or still run, newest first, as far as the pages reach. */
export async function listPastRuns(
  clients: Clients,
  config: Config,
  where: { readonly region: Region; readonly account: string },
  since: number,
): Promise<PastRuns> {
  const { region, account } = where;
  const stateMachineArn = machineArn(config, region, account);
  const runs: ExecutionListItem[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < runPagesMax; page += 1) {
    const more = nextToken === undefined ? {} : { nextToken };
    const command = new ListExecutionsCommand({ stateMachineArn, maxResults: runsInPage, ...more });
    const answer = await within(region, (o) => clients.states(region).send(command, o));
    const found = answer.executions ?? [];
    runs.push(...found);
    nextToken = answer.nextToken;
    if (nextToken === undefined || endedBefore(found, since)) return { runs, isWhole: true };
  }
  return { runs, isWhole: false };
}

/** A run may last for hours: one page of older ones says more than the oldest alone. */
const endedBefore = (page: readonly ExecutionListItem[], since: number) =>
  page.length > 0 &&
  page.every(({ stopDate }) => stopDate !== undefined && stopDate.getTime() < since);

/** The whole history, oldest first. */
export async function historyOf(clients: Clients, arn: string): Promise<HistoryEvent[]> {
  const region = regionOfArn(arn);
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const command = new GetExecutionHistoryCommand({
      executionArn: arn,
      maxResults: 1000,
      includeExecutionData: true,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const answer = await within(region, (o) => clients.states(region).send(command, o));
    events.push(...(answer.events ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) return events;
  }
  throw new Error(`The history of ${arn} has more than ${pagesMax} pages.`);
}

/** Throws AwsFault; code TaskTimedOut: nobody waits for it any more. */
export async function answerTask(
  clients: Clients,
  task: { readonly region: Region; readonly taskToken: string },
  answer: ApprovalAnswer,
): Promise<void> {
  const { region, taskToken } = task;
  const command = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) });
  await within(region, (options) => clients.states(region).send(command, options), startSeconds);
}
