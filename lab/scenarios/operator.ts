// The people on call, as scenarios script them: real SDK calls from the internet, under the role
// that the command needs and no other (an operator's, or an approver's), in a session of their
// name, against whichever Region answers. What can't be started is recorded as refused.
import { SendTaskSuccessCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { replicasToSet } from "../../core/automation.ts";
import type { Region } from "../../core/config/schema.ts";
import { type Approval, approvalSchema, controlKeys } from "../../core/contracts/records.ts";
import { routingStateSchema } from "../../core/contracts/routing-state.ts";
import { isOut } from "../../core/invariants.ts";
import {
  controlTableName,
  groupOf,
  peerOf,
  servingRegions,
  stateMachineName,
} from "../../core/names.ts";
import type { Json } from "../kernel.ts";
import { type ActingPerson, OperatorCalls, type OperatorPorts } from "./operator-calls.ts";
import { readRouting, runUnderWay } from "./run-under-way.ts";
import type { OperatorCommand } from "./schema.ts";

/** Of the item as it is stored, keys and all. */
const epochSchema = routingStateSchema.pick({ epoch: true }).strip();
const outSchema = routingStateSchema.pick({ levers: true }).strip();

/** How often a waiting approver looks for a question, seconds. */
const lookAgainSeconds = 5;

export class Operator {
  readonly #ports: OperatorPorts;
  readonly #calls: OperatorCalls;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
    this.#calls = new OperatorCalls(ports);
  }

  /** Carries a command out; never throws: a refusal is a log entry. */
  async carryOut(command: OperatorCommand): Promise<void> {
    const by = command.by ?? "operator@example.com";
    const { dryRun, region, mode = "planned" } = command;
    const how = {
      ...(dryRun === undefined ? { mode } : { mode, dryRun }),
      ...(region === undefined ? {} : { of: region }),
    };
    this.#say("operator", { command: command.command, by, ...how });
    try {
      await this.#dispatch(command, by);
    } catch (error) {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#say("operator-refused", { command: command.command, by, why });
    }
  }

  #say(kind: string, detail: { [key: string]: Json }): void {
    this.#ports.log.emit(kind, null, detail);
  }

  #dispatch(command: OperatorCommand, by: string): Promise<void> {
    switch (command.command) {
      case "failover":
      case "failback":
        return this.#start(command, by);
      case "approve":
      case "reject":
        return this.#answer(command, by);
      case "pause":
      case "resume":
        return this.#automation(command, by);
      case "abort":
        return this.#abort(command, by);
      default:
        return command.command satisfies never;
    }
  }

  async #start(command: OperatorCommand, by: string): Promise<void> {
    const { config, account, random } = this.#ports;
    const person = { role: "operator", name: by } as const;
    const region = await this.#targetOf(command, person);
    const machine = stateMachineName(config);
    const input = {
      direction: command.command,
      mode: command.mode ?? "planned",
      requestedBy: by,
      ...(command.region === undefined ? {} : { region: command.region }),
      ...(command.reason === undefined ? {} : { reason: command.reason }),
      ...(command.dryRun === undefined ? {} : { dryRun: command.dryRun }),
    };
    await this.#calls.patiently(region, (abortSignal) =>
      this.#ports.states(region, person).send(
        new StartExecutionCommand({
          stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${machine}`,
          name: `${groupOf(config)}-operator-${random.hex("operator", 12)}`,
          input: JSON.stringify(input),
        }),
        { abortSignal },
      ),
    );
  }

  /** Whose machine runs the switch. In active-active either Region may be the one that is out: an
   * operator who names none looks which one it is. */
  async #targetOf({ command, region }: OperatorCommand, person: ActingPerson): Promise<Region> {
    const { config } = this.#ports;
    const { primary } = config.regions;
    if (command === "failover") return peerOf(config, region ?? primary);
    if (region !== undefined || config.topology === "active-passive") return region ?? primary;
    const { levers } = outSchema.parse(await readRouting(this.#calls, person, config));
    return servingRegions(config).find((one) => isOut(levers[one])) ?? primary;
  }

  async #answer(command: OperatorCommand, by: string): Promise<void> {
    const { clock } = this.#ports;
    const deadline = clock.now() + (command.within ?? 0) * 1000;
    const person = { role: "approver", name: by } as const;
    let question: Approval | undefined;
    for (let left = deadline - clock.now(); ; left = deadline - clock.now()) {
      // Whoever waits anyway looks again where no table answered.
      const look = this.#oldestQuestion(person);
      question = await (left > 0 ? look.catch(() => undefined) : look);
      if (question !== undefined || left <= 0) break;
      await clock.sleep(Math.min(left, lookAgainSeconds * 1000));
    }
    if (!question) throw new Error("no approval is pending");
    const approved = command.command === "approve";
    const { reason } = command;
    await this.#answerWith(question, { approved, by, ...(reason === undefined ? {} : { reason }) });
  }

  async #answerWith(
    question: Approval,
    answer: { readonly approved: boolean; readonly by: string; readonly reason?: string },
  ): Promise<void> {
    const person = { role: "approver", name: answer.by } as const;
    await this.#markAnswered(question, answer.approved, person);
    const output = { ...answer, waives: [...question.blockedBy, ...question.because] };
    const { region, taskToken } = question;
    await this.#calls.patiently(region, (abortSignal) =>
      this.#ports
        .states(region, person)
        .send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }), {
          abortSignal,
        }),
    );
  }

  async #oldestQuestion(person: ActingPerson): Promise<Approval | undefined> {
    const { config, clock } = this.#ports;
    const { pk } = controlKeys.approval(groupOf(config), "");
    const asked = (table: DynamoDBDocumentClient, abortSignal: AbortSignal) =>
      table.send(
        new QueryCommand({
          TableName: controlTableName(config),
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": pk },
        }),
        { abortSignal },
      );
    const items = (await this.#calls.everyTruth(person, asked)).flatMap(({ Items }) => Items ?? []);
    return items
      .flatMap((item) => approvalSchema.safeParse(item).data ?? [])
      .filter((item) => item.status === "pending" && item.expiresAt > clock.now())
      .sort((a, b) => a.askedAt - b.askedAt)[0];
  }

  async #markAnswered(question: Approval, approved: boolean, person: ActingPerson): Promise<void> {
    const { config, clock } = this.#ports;
    await this.#calls.eitherTable(person, (table, abortSignal) =>
      table.send(
        new UpdateCommand({
          TableName: controlTableName(config),
          Key: controlKeys.approval(groupOf(config), question.id),
          UpdateExpression: "SET #status = :status, answeredAt = :at, answeredBy = :by",
          ConditionExpression: "#status = :pending",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: {
            ":status": approved ? "approved" : "rejected",
            ":pending": "pending",
            ":at": clock.now(),
            ":by": person.name,
          },
        }),
        { abortSignal },
      ),
    );
  }

  /** The run that holds the lease, or the first that is under way. What it may have asked is
   * answered with no; the machine reads the wish where it can stop. */
  async #abort(command: OperatorCommand, by: string): Promise<void> {
    const { config, clock, account } = this.#ports;
    const { reason = "" } = command;
    const person = { role: "operator", name: by } as const;
    const execution = await runUnderWay(this.#calls, person, config, account);
    const names = { "#e": "execution", "#by": "by", "#reason": "reason", "#at": "at" };
    const values = { ":e": execution, ":by": by, ":reason": reason, ":at": clock.now() };
    await this.#calls.eitherTable(person, (table, abortSignal) =>
      table.send(
        new UpdateCommand({
          TableName: controlTableName(config),
          Key: controlKeys.abort(groupOf(config), execution),
          UpdateExpression: "SET #e = :e, #by = :by, #reason = :reason, #at = :at",
          ConditionExpression: "attribute_not_exists(pk)",
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        }),
        { abortSignal },
      ),
    );
    const question = await this.#oldestQuestion({ role: "approver", name: by });
    if (question?.executionArn !== execution) return;
    const why = reason === "" ? "aborted" : `aborted: ${reason}`;
    await this.#answerWith(question, { approved: false, by, reason: why });
  }

  /** Pause and resume change `automation` alone, on the epoch that was read, through a replica that
   * may take it. Where the application
   * is deployed paused, resuming arms it. */
  async #automation(command: OperatorCommand, by: string): Promise<void> {
    const { config, clock } = this.#ports;
    const where = {
      TableName: controlTableName(config),
      Key: controlKeys.routing(groupOf(config)),
    };
    const resumed = config.automation === "paused" ? "armed" : config.automation;
    const automation = command.command === "pause" ? "paused" : resumed;
    const person = { role: "operator", name: by } as const;
    const epochs = await this.#calls.everyTable(person, async (table, abortSignal) => {
      const read = new GetCommand({ ...where, ConsistentRead: true });
      const { Item } = await table.send(read, { abortSignal });
      return epochSchema.parse(Item).epoch;
    });
    const regions = replicasToSet(config, epochs);
    if (regions.length === 0) throw new Error("not every replica of the control table answered");
    const change = { by, at: clock.now(), reason: command.reason ?? "" };
    await this.#calls.firstTable(regions, person, async (table, abortSignal, region) => {
      await table.send(
        new UpdateCommand({
          ...where,
          UpdateExpression: "SET automation = :automation, automationChange = :change",
          ConditionExpression: "epoch = :epoch",
          ExpressionAttributeValues: {
            ":automation": automation,
            ":change": change,
            ":epoch": epochs[region],
          },
        }),
        { abortSignal },
      );
    });
  }
}
