// The people on call, as scenarios script them: real SDK calls from the internet, under the role
// that the command needs and no other (an operator's, or an approver's), in a session of their
// name, against whichever Region answers. What can't be started is recorded as refused.
import { SendTaskSuccessCommand, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
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
import type { Clock, EventLog, Json, Random } from "../kernel.ts";
import type { OperatorCommand } from "./schema.ts";

/** Of the item as it is stored, keys and all. */
const epochSchema = routingStateSchema.pick({ epoch: true }).strip();
const outSchema = routingStateSchema.pick({ levers: true }).strip();

export interface ActingPerson {
  readonly role: "operator" | "approver";
  readonly name: string;
}

export interface OperatorPorts {
  readonly config: Config;
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  states(region: Region, person: ActingPerson): SFNClient;
  tables(region: Region, person: ActingPerson): DynamoDBDocumentClient;
}

/** Longest that the operator waits for one call before trying the other Region, seconds. */
const patienceSeconds = 10;
/** How often a waiting approver looks for a question, seconds. */
const lookAgainSeconds = 5;

export class Operator {
  readonly #ports: OperatorPorts;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
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
    await this.#patiently(region, (abortSignal) =>
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
    const read = await this.#eitherTable(person, (table, abortSignal) =>
      table.send(
        new GetCommand({
          TableName: controlTableName(config),
          Key: controlKeys.routing(groupOf(config)),
          ConsistentRead: true,
        }),
        { abortSignal },
      ),
    );
    const { levers } = outSchema.parse(read.Item);
    return servingRegions(config).find((one) => isOut(levers[one])) ?? primary;
  }

  async #answer(command: OperatorCommand, by: string): Promise<void> {
    const { clock } = this.#ports;
    const deadline = clock.now() + (command.within ?? 0) * 1000;
    const person = { role: "approver", name: by } as const;
    let question = await this.#oldestQuestion(person);
    while (!question && clock.now() + lookAgainSeconds * 1000 <= deadline) {
      await clock.sleep(lookAgainSeconds * 1000);
      question = await this.#oldestQuestion(person);
    }
    if (!question) throw new Error("no approval is pending");
    const approved = command.command === "approve";
    await this.#markAnswered(question, approved, person);
    const output = {
      approved,
      by,
      ...(command.reason === undefined ? {} : { reason: command.reason }),
      waives: [...question.blockedBy, ...question.because],
    };
    const { region, taskToken } = question;
    await this.#patiently(region, (abortSignal) =>
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
    const items = (await this.#everyTruth(person, asked)).flatMap(({ Items }) => Items ?? []);
    return items
      .flatMap((item) => approvalSchema.safeParse(item).data ?? [])
      .filter((item) => item.status === "pending" && item.expiresAt > clock.now())
      .sort((a, b) => a.askedAt - b.askedAt)[0];
  }

  async #markAnswered(question: Approval, approved: boolean, person: ActingPerson): Promise<void> {
    const { config, clock } = this.#ports;
    await this.#eitherTable(person, (table, abortSignal) =>
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

  /** Pause and resume change `automation` alone, on the epoch that was read. Where the application
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
    await this.#eitherTable(person, async (table, abortSignal) => {
      const read = await table.send(new GetCommand({ ...where, ConsistentRead: true }), {
        abortSignal,
      });
      const { epoch } = epochSchema.parse(read.Item);
      const change = { by, at: clock.now(), reason: command.reason ?? "" };
      await table.send(
        new UpdateCommand({
          ...where,
          UpdateExpression: "SET automation = :automation, automationChange = :change",
          ConditionExpression: "epoch = :epoch",
          ExpressionAttributeValues: {
            ":automation": automation,
            ":change": change,
            ":epoch": epoch,
          },
        }),
        { abortSignal },
      );
    });
  }

  /** Primary first, then secondary: one of them may be gone. */
  async #eitherTable<T>(
    person: ActingPerson,
    call: (table: DynamoDBDocumentClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { config, tables } = this.#ports;
    const [primary, secondary] = servingRegions(config);
    try {
      return await this.#patiently(primary, (signal) => call(tables(primary, person), signal));
    } catch {
      return this.#patiently(secondary, (signal) => call(tables(secondary, person), signal));
    }
  }

  /** With eventual coordination what one replica holds the other may not. */
  async #everyTruth<T>(
    person: ActingPerson,
    call: (table: DynamoDBDocumentClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T[]> {
    const { config, tables } = this.#ports;
    if (config.coordination === "strong") return [await this.#eitherTable(person, call)];
    const told = await Promise.allSettled(
      servingRegions(config).map((region) =>
        this.#patiently(region, (signal) => call(tables(region, person), signal)),
      ),
    );
    return told.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  async #patiently<T>(region: Region, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const cancel = this.#ports.clock.after(patienceSeconds * 1000, () => controller.abort());
    try {
      return await call(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      throw new Error(`${region} did not answer within ${patienceSeconds} s`, { cause: error });
    } finally {
      cancel();
    }
  }
}
