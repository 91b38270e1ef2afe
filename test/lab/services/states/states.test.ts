import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createAwsCalls } from "../../../../lab/aws-calls.ts";
import { installClock, type LabClock } from "../../../../lab/clock.ts";
import { Hindrances } from "../../../../lab/faults/hindrances.ts";
import { createInternet } from "../../../../lab/internet.ts";
import type { Demand, EventLog, Json, Network, Principal } from "../../../../lab/kernel.ts";
import { createEventLog } from "../../../../lab/log.ts";
import { createNetwork } from "../../../../lab/network.ts";
import { createRandom } from "../../../../lab/random.ts";
import { RegionClocks } from "../../../../lab/region-clocks.ts";
import { sdkRequestHandler } from "../../../../lab/sdk-request-handler.ts";
import { createStates, type States } from "../../../../lab/services/states/states.ts";

const zero = Date.UTC(2026, 0, 15, 9, 0, 0);
const region = "us-west-2";
const account = "111111111111";
const operator: Principal = { kind: "role", arn: `arn:aws:iam::${account}:role/operator` };
const machineRole = `arn:aws:iam::${account}:role/machine`;
const machineArn = `arn:aws:states:${region}:${account}:stateMachine:orders-region-switch`;
const executionArn = `arn:aws:states:${region}:${account}:execution:orders-region-switch:run-1`;
const functionArn = `arn:aws:lambda:${region}:${account}:function:orders-decide`;

let clock: LabClock;
let clocks: RegionClocks;
let network: Network;
let hindrances: Hindrances;
let log: EventLog;
let states: States;
let sfn: SFNClient;
let clientIn: (at: string) => SFNClient;
let demands: Demand[];
let denied: string[];
let busEvents: { region: string; event: { [key: string]: Json } }[];
let metrics: string[];
let payloads: string[];
/** What the function does, one entry a call. */
let answers: (() => Promise<{ payload: string; functionError: string | null }>)[];

beforeEach(() => {
  clock = installClock({ zero });
  clocks = new RegionClocks(clock);
  const random = createRandom(1);
  network = createNetwork(clock, random);
  hindrances = new Hindrances(random);
  const hindrance = hindrances.meets.bind(hindrances);
  log = createEventLog(clock);
  [demands, denied, busEvents, payloads, answers] = [[], [], [], [], []];
  const iam = {
    addRole: () => {},
    addPolicy: () => {},
    allows: async (principal: Principal, demand: Demand) => {
      demands.push(demand);
      return !denied.includes(`${principal.arn} ${demand.action}`);
    },
  };
  const lambda = {
    invoke: (arn: string, payload: string) => {
      payloads.push(payload);
      const next = answers.shift();
      if (arn !== functionArn || !next) throw new Error(`a call of ${arn} was not planned`);
      return next();
    },
  };
  const putAwsEvent = (at: string, event: { [key: string]: Json }) =>
    void busEvents.push({ region: at, event });
  metrics = [];
  const putMetric = (region: string, namespace: string, name: string) => {
    metrics.push(`${region} ${namespace} ${name}`);
  };
  states = createStates({
    ...{
      account,
      clock,
      clocks,
      hindrance,
      iam,
      lambda,
      log,
      network,
      putAwsEvent,
      putMetric,
      random,
    },
  });
  const calls = createAwsCalls({
    clock,
    network,
    internet: createInternet(clock, network),
    iam,
    log,
  });
  calls.register(states.service);
  clientIn = (at) =>
    new SFNClient({
      region: at,
      maxAttempts: 1,
      credentials: { accessKeyId: "ASIA1", secretAccessKey: "secret" },
      requestHandler: sdkRequestHandler({
        clock,
        calls,
        principal: operator,
        from: { internet: "us-east-2" },
      }),
    });
  sfn = clientIn(region);
});
afterEach(() => clock.uninstall());

const task = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: functionArn, Payload: { n: "{% $states.input.n %}" } },
  Output: "{% $states.result.Payload %}",
  End: true,
};
const waiting = { ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" };
const asking = {
  ...waiting,
  Arguments: { FunctionName: functionArn, Payload: "{% $states.context.Task.Token %}" },
  Output: "{% $states.result %}",
};
const nap = (seconds: number) => ({ Type: "Wait", Seconds: seconds, End: true });

function deploy(state: { [key: string]: Json }) {
  const definition = { QueryLanguage: "JSONata", StartAt: "Only", States: { Only: state } };
  const model = states.models["AWS::StepFunctions::StateMachine"];
  if (!model) throw new Error("no model");
  return model({
    stack: "switchback-us-west-2",
    region,
    logicalId: "RegionSwitch",
    type: "AWS::StepFunctions::StateMachine",
    properties: {
      DefinitionString: JSON.stringify(definition),
      RoleArn: machineRole,
      StateMachineName: "orders-region-switch",
    },
  });
}

/** The call's answer, or its fault's name, within so many virtual seconds. */
async function within<T>(seconds: number, call: Promise<T>): Promise<T | string> {
  let result: T | string = "silence";
  call.then(
    (value) => {
      result = value;
    },
    (fault: Error) => {
      result = fault.name;
    },
  );
  await clock.runUntil(clock.now() + seconds * 1000);
  return result;
}
const start = (name = "run-1", input = '{"n":1}') =>
  within(1, sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input })));
const describeRun = () => within(1, sfn.send(new DescribeExecutionCommand({ executionArn })));
const answered = (payload: Json) => async () => ({
  payload: JSON.stringify(payload),
  functionError: null,
});
const kinds = () => log.events.map(({ kind }) => kind).filter((kind) => kind !== "denied");

it("creates the template's machine under its name and answers its ARN", async () => {
  expect(await deploy(nap(1))).toMatchObject({
    ref: machineArn,
    attributes: { Arn: machineArn, Name: "orders-region-switch" },
  });
  const command = new DescribeStateMachineCommand({ stateMachineArn: machineArn });
  expect(await within(1, sfn.send(command))).toMatchObject({
    name: "orders-region-switch",
    roleArn: machineRole,
    type: "STANDARD",
    creationDate: new Date(zero),
  });
});

it("fills DefinitionSubstitutions into the definition", async () => {
  const model = states.models["AWS::StepFunctions::StateMachine"];
  await model?.({
    stack: "s",
    region,
    logicalId: "M",
    type: "AWS::StepFunctions::StateMachine",
    properties: {
      DefinitionString:
        '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Wait","Seconds":${wait},"End":true}}}',
      DefinitionSubstitutions: { wait: "7" },
      RoleArn: machineRole,
      StateMachineName: "orders-region-switch",
    },
  });
  await start("run-1", "{}");
  await clock.runUntil(zero + 10_000);
  expect(states.executions.records.get(executionArn)?.ended?.ending.status).toBe("SUCCEEDED");
});

it("refuses a JSONPath definition and every field that nobody models, by path", () => {
  expect(() => deploy({ Type: "Pass", ResultPath: "$.x", End: true })).toThrow(/ResultPath/);
  expect(() => deploy({ Type: "Pass", Output: "{% 1 + %}", End: true })).toThrow(/Only.Output/);
  expect(() => deploy({ Type: "Pass", Next: "Nowhere" })).toThrow(/Nowhere/);
});

it("runs a task as the machine's role and gives its output and its history to the SDK", async () => {
  deploy(task);
  answers = [answered({ kind: "go" })];
  expect(await start()).toMatchObject({ executionArn });
  expect(await describeRun()).toMatchObject({
    status: "SUCCEEDED",
    input: '{"n":1}',
    output: '{"kind":"go"}',
    stateMachineArn: machineArn,
  });
  expect(payloads).toEqual(['{"n":1}']);
  expect(demands).toContainEqual({
    action: "lambda:InvokeFunction",
    resource: functionArn,
    context: { "aws:RequestedRegion": region },
  });
  const history = new GetExecutionHistoryCommand({ executionArn });
  const result = await within(1, sfn.send(history));
  if (typeof result === "string") throw new Error(result);
  expect(result.events?.map(({ type }) => type)).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSucceeded",
    "TaskStateExited",
    "ExecutionSucceeded",
  ]);
  expect(result.events?.[2]?.taskScheduledEventDetails).toEqual({
    parameters: `{"FunctionName":"${functionArn}","Payload":{"n":1}}`,
    region,
    resource: "invoke",
    resourceType: "lambda",
  });
});

it("pages the history in either direction", async () => {
  deploy({ Type: "Pass", End: true });
  await start();
  const ask = (nextToken?: string) =>
    within(
      1,
      sfn.send(
        new GetExecutionHistoryCommand({
          executionArn,
          maxResults: 3,
          reverseOrder: true,
          nextToken,
        }),
      ),
    );
  const first = await ask();
  if (typeof first === "string") throw new Error(first);
  expect(first.events?.map(({ id }) => id)).toEqual([4, 3, 2]);
  const second = await ask(first.nextToken);
  if (typeof second === "string") throw new Error(second);
  expect(second.events?.map(({ id }) => id)).toEqual([1]);
  expect(second.nextToken).toBeUndefined();
});

it("answers a repeated start while it runs, and refuses the name afterwards or with other input", async () => {
  deploy(nap(60));
  const first = await start();
  expect(await start()).toMatchObject({
    startDate: typeof first === "string" ? null : first.startDate,
  });
  expect(await start("run-1", '{"n":2}')).toBe("ExecutionAlreadyExists");
  await clock.runUntil(zero + 120_000);
  expect(await start()).toBe("ExecutionAlreadyExists");
  expect(kinds().filter((kind) => kind === "execution-started")).toHaveLength(1);
});

it("refuses a name and an input that cannot be", async () => {
  deploy(nap(1));
  expect(await start("a b")).toBe("InvalidName");
  expect(await start("run-1", "{")).toBe("InvalidExecutionInput");
});

it("knows machines and executions in their own Region only", async () => {
  deploy(nap(1));
  await start();
  const elsewhere = clientIn("us-east-1");
  const startThere = new StartExecutionCommand({ stateMachineArn: machineArn });
  expect(await within(1, elsewhere.send(startThere))).toBe("StateMachineDoesNotExist");
  const describeThere = new DescribeExecutionCommand({ executionArn });
  expect(await within(1, elsewhere.send(describeThere))).toBe("ExecutionDoesNotExist");
});

it("fails the task with Lambda.AWSLambdaException when the machine's role may not invoke", async () => {
  deploy(task);
  denied = [`${machineRole} lambda:InvokeFunction`];
  await start();
  expect(await describeRun()).toMatchObject({
    status: "FAILED",
    error: "Lambda.AWSLambdaException",
  });
  expect(payloads).toEqual([]);
});

it("asks the caller's permission for the machine or the execution", async () => {
  deploy(nap(1));
  await start();
  await describeRun();
  expect(demands.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    `states:StartExecution ${machineArn}`,
    `states:DescribeExecution ${executionArn}`,
  ]);
});

it("fails the task with the function's error type and payload", async () => {
  deploy(task);
  const payload = '{"errorType":"EpochLost","errorMessage":"newer","trace":[]}';
  answers = [async () => ({ payload, functionError: "Unhandled" })];
  await start();
  expect(await describeRun()).toMatchObject({ error: "EpochLost", cause: payload });
  expect(log.events.find(({ kind }) => kind === "task-failed")?.detail).toMatchObject({
    arn: executionArn,
    state: "Only",
  });
});

it("names a refusal of Lambda after its code", async () => {
  deploy(task);
  answers = [
    () => Promise.reject(Object.assign(new Error("Rate"), { code: "TooManyRequestsException" })),
  ];
  await start();
  expect(await describeRun()).toMatchObject({ error: "Lambda.TooManyRequestsException" });
});

it("hands a token's answer to the waiting task, once", async () => {
  deploy(asking);
  answers = [answered(null)];
  await start();
  const taskToken = String(JSON.parse(payloads[0] ?? ""));
  const beat = new SendTaskHeartbeatCommand({ taskToken });
  expect(await within(1, sfn.send(beat))).not.toBeTypeOf("string");
  const success = new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' });
  expect(await within(1, sfn.send(success))).not.toBeTypeOf("string");
  expect(await describeRun()).toMatchObject({ output: '{"approved":true}' });
  expect(await within(1, sfn.send(success))).toBe("TaskTimedOut");
  const failure = new SendTaskFailureCommand({ taskToken: "made-up" });
  expect(await within(1, sfn.send(failure))).toBe("InvalidToken");
});

it("stops an execution where it is, and lists it by status", async () => {
  deploy(nap(60));
  await start();
  const stop = new StopExecutionCommand({ executionArn, error: "Crash", cause: "by a drill" });
  await within(1, sfn.send(stop));
  expect(await describeRun()).toMatchObject({ status: "ABORTED", error: "Crash" });
  const list = (statusFilter: "ABORTED" | "RUNNING") =>
    within(1, sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter })));
  expect(await list("ABORTED")).toMatchObject({ executions: [{ name: "run-1" }] });
  expect(await list("RUNNING")).toMatchObject({ executions: [] });
  expect(metrics).toEqual(["us-west-2 AWS/States ExecutionsAborted"]);
});

const stopRun = () => within(1, sfn.send(new StopExecutionCommand({ executionArn })));
const redriveRun = (clientToken = "token-1") =>
  within(1, sfn.send(new RedriveExecutionCommand({ executionArn, clientToken })));
const day = 86_400_000;

it("redrives a stopped execution under its ARN, and tells of it", async () => {
  deploy(task);
  answers = [() => new Promise(() => {}), answered("second")];
  await start();
  await stopRun();
  expect(await describeRun()).toMatchObject({ redriveCount: 0, redriveStatus: "REDRIVABLE" });
  expect(await redriveRun()).not.toBeTypeOf("string");
  expect(await describeRun()).toMatchObject({
    ...{ status: "SUCCEEDED", output: '"second"', redriveCount: 1, redriveDate: expect.any(Date) },
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
  });
  expect(payloads).toEqual(['{"n":1}', '{"n":1}']);
  expect(kinds()).toEqual([
    "execution-started",
    "state-entered",
    "execution-ended",
    "execution-redriven",
    "execution-ended",
  ]);
  expect(metrics).toEqual([
    "us-west-2 AWS/States ExecutionsAborted",
    "us-west-2 AWS/States ExecutionsRedriven",
    "us-west-2 AWS/States ExecutionsSucceeded",
    "us-west-2 AWS/States RedrivenExecutionsSucceeded",
  ]);
  expect(busEvents.map(({ event }) => event.detail)).toMatchObject([
    { status: "RUNNING" },
    { status: "ABORTED" },
    { status: "RUNNING" },
    { status: "SUCCEEDED" },
  ]);
});

it("redrives nothing that runs, and nothing that ended 14 days ago", async () => {
  deploy(nap(60));
  await start();
  expect(await redriveRun()).toBe("ExecutionNotRedrivable");
  expect(await describeRun()).toMatchObject({
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason: "Execution is RUNNING and cannot be redriven",
  });
  await stopRun();
  await clock.runUntil(zero + 14 * day);
  expect(await describeRun()).toMatchObject({ redriveStatus: "REDRIVABLE" });
  await clock.runUntil(zero + 14 * day + 5_000);
  expect(await redriveRun()).toBe("ExecutionNotRedrivable");
  expect(await describeRun()).toMatchObject({
    ...{ status: "ABORTED", redriveCount: 0 },
    redriveStatusReason: "Execution redrivable period exceeded",
  });
});

it("redrives once for one client token within 15 minutes", async () => {
  deploy(nap(600));
  await start();
  await stopRun();
  const first = await redriveRun();
  expect(await redriveRun()).toMatchObject(typeof first === "string" ? {} : first);
  expect(await redriveRun("token-2")).toBe("ExecutionNotRedrivable");
  await stopRun();
  await clock.runUntil(zero + 900_000 + 3_000);
  expect(await redriveRun()).not.toBeTypeOf("string");
  expect(await describeRun()).toMatchObject({ status: "RUNNING", redriveCount: 2 });
});

it("asks for states:RedriveExecution on the execution", async () => {
  deploy(nap(60));
  await start();
  await stopRun();
  denied = [`${operator.arn} states:RedriveExecution`];
  expect(await redriveRun()).toBe("AccessDeniedException");
  expect(demands.at(-1)).toMatchObject({
    action: "states:RedriveExecution",
    resource: executionArn,
  });
});

it("refuses to redrive a Map by name", async () => {
  const processor = { StartAt: "Nap", States: { Nap: { Type: "Wait", Seconds: 60, End: true } } };
  deploy({ Type: "Map", Items: [1], ItemProcessor: processor, End: true });
  await start();
  await stopRun();
  const call = sfn.send(new RedriveExecutionCommand({ executionArn }));
  call.catch(() => {});
  await clock.runUntil(clock.now() + 1_000);
  await expect(call).rejects.toThrow("The lab models no redrive of a Map state: 'Only'.");
  expect(await describeRun()).toMatchObject({ status: "ABORTED", redriveCount: 0 });
});

it("enters the next state when it is redriven after a stop between two", async () => {
  deploy(nap(60));
  const call = sfn.send(
    new StartExecutionCommand({ stateMachineArn: machineArn, name: "run-1", input: "{}" }),
  );
  const record = () => states.executions.records.get(executionArn);
  while (record() === undefined) await clock.runUntil(clock.now() + 1);
  record()?.execution.stop(null, null);
  await within(1, call);
  expect(kinds()).toEqual(["execution-started", "execution-ended"]);
  await redriveRun();
  expect(record()?.execution.history.map(({ type }) => type)).toEqual([
    "ExecutionStarted",
    "ExecutionAborted",
    "ExecutionRedriven",
    "WaitStateEntered",
  ]);
});

it("tells the log and the bus when an execution starts and ends", async () => {
  deploy({ Type: "Pass", Output: { ok: true }, End: true });
  await start();
  expect(kinds()).toEqual(["execution-started", "state-entered", "execution-ended"]);
  expect(metrics).toEqual(["us-west-2 AWS/States ExecutionsSucceeded"]);
  expect(log.events.at(-1)?.detail).toEqual({
    arn: executionArn,
    name: "run-1",
    status: "SUCCEEDED",
    output: '{"ok":true}',
  });
  expect(
    busEvents.map(({ region: at, event }) => [at, event.source, event["detail-type"]]),
  ).toEqual([
    [region, "aws.states", "Step Functions Execution Status Change"],
    [region, "aws.states", "Step Functions Execution Status Change"],
  ]);
  expect(busEvents.map(({ event }) => event.detail)).toMatchObject([
    { status: "RUNNING", output: null },
    { status: "SUCCEEDED", output: '{"ok":true}' },
  ]);
});

it("takes no step while its Region is down, and goes on when it heals", async () => {
  deploy(nap(60));
  await start();
  network.setDown(region, true);
  await clock.runUntil(zero + 600_000);
  expect(states.executions.records.get(executionArn)?.ended).toBeNull();
  network.setDown(region, false);
  await clock.runUntil(zero + 601_000);
  const record = states.executions.records.get(executionArn);
  expect(record?.ended?.ending.status).toBe("SUCCEEDED");
  expect(record?.ended?.at).toBe(zero + 600_000);
});

it("loses the calls that were under way when the Region went down", async () => {
  deploy({ ...task, Retry: [{ ErrorEquals: ["Lambda.SdkClientException"] }] });
  answers = [() => new Promise(() => {}), answered("second")];
  await start();
  network.setDown(region, true);
  await clock.runUntil(zero + 300_000);
  expect(payloads).toHaveLength(1);
  network.setDown(region, false);
  await clock.runUntil(zero + 310_000);
  expect(states.executions.records.get(executionArn)?.ended?.ending).toEqual({
    status: "SUCCEEDED",
    output: '"second"',
  });
});

it("takes no step while Step Functions itself is hindered, and each step late while slow", async () => {
  deploy(nap(60));
  await start();
  const heal = hindrances.add(region, "states", { mode: "error", share: 1, seconds: 0 });
  await clock.runUntil(zero + 600_000);
  expect(states.executions.records.get(executionArn)?.ended).toBeNull();
  heal();
  hindrances.add(region, "states", { mode: "slow", share: 1, seconds: 30 });
  await clock.runUntil(zero + 630_000);
  expect(states.executions.records.get(executionArn)?.ended).toBeNull();
  await clock.runUntil(zero + 720_000);
  expect(states.executions.records.get(executionArn)?.ended?.ending.status).toBe("SUCCEEDED");
});
