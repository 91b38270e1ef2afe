// One virtual customer: a place on the internet with a resolver of its own, who writes and looks at
// own writes (asked.ts says what). A request is never repeated: the next request is its own, and
// what failed counts. Connections are not kept, so each request goes where DNS says (as far as the
// resolver knows).
import { regionHeader } from "../../core/contracts/orders.ts";
import { within } from "../give-up.ts";
import type { HttpRequest, HttpResponse, Lab, Place, Resolver } from "../kernel.ts";
import { type Asker, type Judged, nextRequest, type Workload } from "./asked.ts";
import type { AcknowledgedWrite, RequestKind, RequestRecord } from "./history.ts";
import type { OwnRequests } from "./own-requests.ts";

/** A client gives up on a request after this long. */
export const patienceMilliseconds = 10_000;

export type ClientParts = Pick<Lab, "clock" | "random" | "log" | "web">;

export interface ClientSettings {
  readonly number: number;
  readonly place: Place;
  readonly resolver: Resolver;
  readonly publicName: string;
  /** 0 to 1: how many requests are writes. */
  readonly writeShare: number;
  readonly workloads: readonly Workload[];
  /** What is asked of a team's own API; absent: orders and events. */
  readonly requests?: OwnRequests | undefined;
}

export class Client {
  readonly requests: RequestRecord[] = [];
  readonly acknowledged: AcknowledgedWrite[] = [];
  readonly #parts: ClientParts;
  readonly #settings: ClientSettings;
  readonly #stream: string;
  readonly #asker: Asker;

  constructor(parts: ClientParts, settings: ClientSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#stream = `client-${settings.number}`;
    this.#asker = {
      clock: parts.clock,
      random: parts.random,
      stream: this.#stream,
      host: settings.publicName,
      customer: `customer-${settings.number}`,
      workloads: settings.workloads,
      requests: settings.requests,
      writeShare: settings.writeShare,
    };
  }

  /** One request from beginning to end, remembered and logged. */
  async request(): Promise<void> {
    const { clock } = this.#parts;
    const asked = nextRequest(this.#asker, this.acknowledged, this.requests.length);
    const at = clock.now();
    const waited = await within(clock, patienceMilliseconds, this.#exchange(asked.request));
    const response = waited.outcome === "answered" ? waited.value : null;
    const judged: Judged = response === null ? { outcome: "failed" } : asked.judge(response);
    this.#remember(asked.kind, at, judged, response);
  }

  /** Resolves the name and asks there. Rejects when the name has no address. */
  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const { random, web } = this.#parts;
    const { values } = await this.#settings.resolver.resolve(request.host, "A");
    const address = values[Math.floor(random.next(this.#stream) * values.length)];
    if (address === undefined) throw new Error(`${request.host} has no address`);
    return web.exchange(this.#settings.place, address, request);
  }

  #remember(kind: RequestKind, at: number, judged: Judged, response: HttpResponse | null): void {
    const endedAt = this.#parts.clock.now();
    const client = this.#settings.number;
    const region = response === null ? null : regionIn(response);
    const { outcome, acknowledged } = judged;
    this.requests.push({ at, endedAt, outcome, region, kind });
    if (acknowledged !== undefined) {
      this.acknowledged.push({ ...acknowledged, client, at: endedAt, region });
    }
    this.#parts.log.emit("request", null, {
      client,
      kind,
      ok: outcome === "ok",
      status: response?.status ?? null,
      region,
      ms: Math.round(endedAt - at),
    });
  }
}

function regionIn(response: HttpResponse): string | null {
  const wanted = regionHeader.toLowerCase();
  const header = Object.entries(response.headers).find(([name]) => name.toLowerCase() === wanted);
  return header?.[1] ?? null;
}
