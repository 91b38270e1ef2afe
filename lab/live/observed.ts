// What a console shows of a live lab, gathered from its events as they happen: faults that stand,
// requests by time and Region, what the last outage did to clients, the story's last lines. Bounded
// in memory, however long the lab lives.
import {
  type LabOutage,
  type LabState,
  labBucketSeconds,
} from "../../core/contracts/lab-control.ts";
import type { ClientHistory } from "../clients/history.ts";
import { type Outage, recoveryOf, recoverySeconds } from "../clients/outages.ts";
import type { LabEvent } from "../kernel.ts";
import { tell } from "../report/story.ts";
import type { LiveLab } from "./live-lab.ts";

const bucketMilliseconds = labBucketSeconds * 1000;
/** Ten minutes of requests, and a screen or two of the story. */
const bucketsMax = 120;
const linesMax = 200;
/** An outage is over when no request has failed for so long: a slow resolver's TTL. */
const quietMilliseconds = 60_000;
/** A fault is an outage's cause when it began at most so long before the first failure. */
const causeMilliseconds = 120_000;
/** A client gives up after 10 s: a request under way at the impact began no earlier. */
const underWayMilliseconds = 15_000;

type Fault = LabState["faults"][number];
type Bucket = LabState["buckets"][number];

interface Felt {
  readonly impactAt: number;
  lastFailureAt: number;
  failedRequests: number;
  endedAt: number | null;
}

export class Observed {
  readonly #live: LiveLab;
  readonly #faults = new Map<string, Fault>();
  readonly #buckets: Bucket[] = [];
  readonly #story: LabState["story"] = [];
  #felt: Felt | null = null;
  /** Of the outage that is over: it does not change any more. */
  #told: LabOutage | null = null;

  constructor(live: LiveLab) {
    this.#live = live;
    live.onEvent((event) => this.#hear(event));
  }

  state(): Pick<LabState, "faults" | "buckets" | "outage" | "story"> {
    return {
      faults: [...this.#faults.values()],
      buckets: this.#buckets,
      outage: this.#outage(),
      story: this.#story,
    };
  }

  #hear(event: LabEvent): void {
    if (event.kind === "request") this.#request(event);
    if (event.kind === "fault") this.#fault(event);
    if (event.kind === "heal") this.#faults.delete(String(event.detail.id));
    const line = tell(event, this.#live.config);
    if (line === null) return;
    this.#story.push({ at: event.at, ...line });
    if (this.#story.length > linesMax) this.#story.shift();
  }

  #fault({ at, detail }: LabEvent): void {
    const id = String(detail.id);
    const regions = Array.isArray(detail.regions) ? detail.regions.map(String) : [];
    const where = regions.length === 0 ? "" : ` ${regions.join(" and ")}`;
    const how = detail.parameters ? ` (${String(detail.parameters)})` : "";
    const words = `${String(detail.kind)}${where}${how}`;
    this.#faults.set(id, { id, words, regions, since: at });
  }

  #request({ at, detail }: LabEvent): void {
    const bucket = this.#bucketAt(at);
    const isGood = detail.ok === true;
    if (isGood) {
      const region = String(detail.region ?? "unknown");
      bucket.good[region] = (bucket.good[region] ?? 0) + 1;
    } else {
      bucket.failed += 1;
      this.#failed(at, at - Number(detail.ms));
    }
    const felt = this.#felt;
    if (isGood && felt?.endedAt === null && at - felt.lastFailureAt > quietMilliseconds) {
      this.#told = this.#measured(felt, felt.lastFailureAt);
      felt.endedAt = at;
    }
  }

  #bucketAt(at: number): Bucket {
    const start = Math.floor(at / bucketMilliseconds) * bucketMilliseconds;
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.at >= start) return last;
    const bucket: Bucket = { at: start, failed: 0, good: {} };
    this.#buckets.push(bucket);
    if (this.#buckets.length > bucketsMax) this.#buckets.shift();
    return bucket;
  }

  #failed(at: number, beganAt: number): void {
    if (this.#felt === null || this.#felt.endedAt !== null) {
      const causes = [...this.#faults.values()].map(({ since }) => since);
      const cause = causes.filter((since) => since <= at && at - since <= causeMilliseconds);
      const impactAt = cause.length === 0 ? beganAt : Math.max(...cause);
      this.#felt = { impactAt, lastFailureAt: at, failedRequests: 0, endedAt: null };
      this.#told = null;
    }
    this.#felt.lastFailureAt = at;
    this.#felt.failedRequests += 1;
  }

  #outage(): LabOutage | null {
    if (this.#told !== null) return this.#told;
    return this.#felt === null ? null : this.#measured(this.#felt, null);
  }

  #measured({ impactAt, failedRequests }: Felt, endedAt: number | null): LabOutage {
    const outage: Outage = { impactAt, endsAt: Number.POSITIVE_INFINITY };
    const histories = this.#live.histories().map((one) => since(one, impactAt));
    const honouring = histories.filter(({ ignoresTtl }) => !ignoresTtl);
    const recovered = honouring.filter((one) => recoverySeconds(one, outage) !== null);
    const { rtoSeconds } = recoveryOf(histories, outage);
    return {
      ...{ impactAt, endedAt, failedRequests, rtoSeconds },
      recoveredClients: recovered.length,
      clients: honouring.length,
    };
  }
}

/** Only what may matter to an outage: a lab that lives for hours remembers a lot. */
function since(history: ClientHistory, impactAt: number): ClientHistory {
  const { requests } = history;
  const first = requests.findLastIndex(({ endedAt }) => endedAt < impactAt - underWayMilliseconds);
  return { ...history, requests: requests.slice(first + 1) };
}
