// How the scripted people reach AWS: with a person's patience, by whichever Region answers. Apart
// from what they say there, so that each command reads as what a person does.
import type { SFNClient } from "@aws-sdk/client-sfn";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Config, Region } from "../../core/config/schema.ts";
import { servingRegions } from "../../core/names.ts";
import type { Clock, EventLog, Random } from "../kernel.ts";

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
export class OperatorCalls {
  readonly #ports: OperatorPorts;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
  }

  states(region: Region, person: ActingPerson): SFNClient {
    return this.#ports.states(region, person);
  }

  /** Primary first, then secondary: one of them may be gone. */
  async eitherTable<T>(
    person: ActingPerson,
    call: (table: DynamoDBDocumentClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { config, tables } = this.#ports;
    const [primary, secondary] = servingRegions(config);
    try {
      return await this.patiently(primary, (signal) => call(tables(primary, person), signal));
    } catch {
      return this.patiently(secondary, (signal) => call(tables(secondary, person), signal));
    }
  }

  /** With eventual coordination what one replica holds the other may not. */
  async everyTruth<T>(
    person: ActingPerson,
    call: (table: DynamoDBDocumentClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T[]> {
    const { config, tables } = this.#ports;
    if (config.coordination === "strong") return [await this.eitherTable(person, call)];
    const told = await Promise.allSettled(
      servingRegions(config).map((region) =>
        this.patiently(region, (signal) => call(tables(region, person), signal)),
      ),
    );
    return told.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  async patiently<T>(region: Region, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
