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

/** One call through a Region's replica. */
type TableCall<T> = (
  table: DynamoDBDocumentClient,
  signal: AbortSignal,
  region: Region,
) => Promise<T>;

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
  eitherTable<T>(person: ActingPerson, call: TableCall<T>): Promise<T> {
    return this.firstTable(servingRegions(this.#ports.config), person, call);
  }

  /** What the first of the Regions that takes the call answers; throws what the last one said. */
  async firstTable<T>(
    regions: readonly Region[],
    person: ActingPerson,
    call: TableCall<T>,
  ): Promise<T> {
    let refusal: unknown;
    for (const region of regions) {
      try {
        return await this.#askTable(region, person, call);
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  /** Of each serving Region; null: it did not answer. */
  async everyTable<T>(person: ActingPerson, call: TableCall<T>): Promise<Record<Region, T | null>> {
    const asked = servingRegions(this.#ports.config).map(async (region) => {
      const told = await this.#askTable(region, person, call).catch(() => null);
      return [region, told] as const;
    });
    return Object.fromEntries(await Promise.all(asked));
  }

  /** With eventual coordination what one replica holds the other may not. */
  async everyTruth<T>(person: ActingPerson, call: TableCall<T>): Promise<T[]> {
    if (this.#ports.config.coordination === "strong") return [await this.eitherTable(person, call)];
    return Object.values(await this.everyTable(person, call)).filter((told) => told !== null);
  }

  #askTable<T>(region: Region, person: ActingPerson, call: TableCall<T>): Promise<T> {
    const table = this.#ports.tables(region, person);
    return this.patiently(region, (signal) => call(table, signal, region));
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
