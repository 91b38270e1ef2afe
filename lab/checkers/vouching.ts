// Who vouches for a Region as a target, and when it was last seen to be well. A run knows its own
// decision's evidence, and looks again where that is a minute old; what another run's look found
// meanwhile it can't know. So either counts: the newest looks of all, or what the run decided on.
import { z } from "zod";
import type { Region } from "../../core/config/schema.ts";
import { vantageReportSchema } from "../../core/contracts/evidence.ts";
import type { LabEvent } from "../kernel.ts";
import { regionOfArn } from "../report/true-times.ts";

interface Look {
  /** ms since 1970. */
  readonly endedAt: number;
  readonly passed: boolean;
}

export interface Vouched {
  readonly serving: Region;
  readonly vantages: readonly Region[];
  /** In whose name traffic is moved. */
  readonly execution: string;
  /** ms since 1970: what was known by then. */
  readonly asOf: number;
}

/** Longer than a look vouches, and a slow service holds a call back, together. */
const keptMilliseconds = 600_000;

const decisionEvent = z.object({
  executionArn: z.string(),
  evidence: z.object({ reports: z.array(vantageReportSchema) }),
});

export class Vouching {
  readonly #trueTime: (at: number, region: Region) => number;
  /** By serving Region and vantage point. */
  readonly #looks = new Map<string, Look[]>();
  /** The same looks as a run's newest decision had them, by its execution. */
  readonly #decidedOn = new Map<string, Map<string, Look>>();

  constructor(trueTime: (at: number, region: Region) => number) {
    this.#trueTime = trueTime;
  }

  take(event: LabEvent): void {
    if (event.kind === "look") this.#look(event);
    if (event.kind === "decision") this.#decision(event);
  }

  /** End of the newest look that passed, from outside (not from the Region itself), of the vantage
   * points whose newest look passed; null: there is none. */
  vouchedAt({ serving, vantages, execution, asOf }: Vouched): number | null {
    const keys = vantages.filter((one) => one !== serving).map((one) => `${serving} ${one}`);
    const decidedOn = this.#decidedOn.get(execution);
    const known = keys.flatMap((key) => [this.#newest(key, asOf), decidedOn?.get(key)]);
    const times = known.flatMap((look) => (look?.passed ? [look.endedAt] : []));
    return times.length > 0 ? Math.max(...times) : null;
  }

  #newest(key: string, asOf: number): Look | undefined {
    return (this.#looks.get(key) ?? [])
      .filter(({ endedAt }) => endedAt <= asOf)
      .reduce<Look | undefined>(
        (newest, look) => (newest && newest.endedAt > look.endedAt ? newest : look),
        undefined,
      );
  }

  #look({ at, detail }: LabEvent): void {
    const key = `${String(detail.serving)} ${String(detail.vantage)}`;
    const endedAt = typeof detail.endedAt === "number" ? detail.endedAt : at;
    const before = this.#looks.get(key) ?? [];
    const late = before.filter((look) => at - look.endedAt <= keptMilliseconds);
    this.#looks.set(key, [...late, { endedAt, passed: detail.passed === true }]);
  }

  #decision({ detail }: LabEvent): void {
    const decision = decisionEvent.safeParse(detail).data;
    if (decision === undefined) return;
    const { executionArn, evidence } = decision;
    const decidedOn = new Map<string, Look>();
    for (const { serving, vantage, verdict, looks, passed, at } of evidence.reports) {
      if (at === null) continue;
      const endedAt = this.#trueTime(at, regionOfArn(executionArn));
      // Too few looks are unknown; and what is called healthy must have passed them all.
      const isHealthy = verdict === "healthy" && passed === looks;
      decidedOn.set(`${serving} ${vantage}`, { endedAt, passed: isHealthy });
    }
    this.#decidedOn.set(executionArn, decidedOn);
  }
}
