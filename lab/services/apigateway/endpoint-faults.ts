// Gray failures: the application's own answers go wrong while the Region is well. /health stays as
// it is unless the fault's path covers it; the canaries' orders fail as customers' do.
import type { Region } from "../../../core/config/schema.ts";
import { type Hit, worstOf } from "../../faults/worst.ts";
import type { Clock, HttpResponse, Random } from "../../kernel.ts";

export interface EndpointFault {
  readonly mode: "error" | "slow" | "wrong-body";
  /** Of the requests, 0 to 1. */
  readonly share: number;
  /** For slow: how much later the answer leaves. */
  readonly seconds: number;
  /** Prefix of the paths that are hit; null: all but /health. */
  readonly path: string | null;
}

const worstFirst = ["error", "wrong-body", "slow"] as const;

type Serve = () => Promise<HttpResponse>;

export class EndpointFaults {
  readonly #clock: Pick<Clock, "sleep">;
  readonly #random: Random;
  readonly #faults = new Map<Region, Set<EndpointFault>>();

  constructor(clock: Pick<Clock, "sleep">, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Answers how to remove it. */
  add(region: Region, fault: EndpointFault): () => void {
    const standing = this.#faults.get(region) ?? new Set();
    this.#faults.set(region, standing);
    // A copy, so that two equal faults are two.
    const own = { ...fault };
    standing.add(own);
    return () => standing.delete(own);
  }

  /** What a request gets: `serve`'s answer, or what the faults that hit it make of it. The worst
   * shows, and what is slow adds up. */
  async apply(region: Region, path: string, serve: Serve): Promise<HttpResponse> {
    const standing = [...(this.#faults.get(region) ?? [])].filter((fault) => covers(fault, path));
    const hits = standing.filter(({ share }) => this.#random.next("endpoint-fault") < share);
    const worst = worstOf(worstFirst, hits);
    return worst === null ? await serve() : await this.#spoil(worst, serve);
  }

  async #spoil({ mode, seconds }: Hit<EndpointFault["mode"]>, serve: Serve): Promise<HttpResponse> {
    switch (mode) {
      case "error":
        return answer(500, '{"message":"Internal server error"}');
      case "slow": {
        const late = await serve();
        await this.#clock.sleep(seconds * 1000);
        return late;
      }
      case "wrong-body": {
        const { headers } = await serve();
        return { status: 200, headers, body: "<html><body>It works!</body></html>" };
      }
      default:
        return mode satisfies never;
    }
  }
}

function covers({ path: prefix }: EndpointFault, path: string): boolean {
  return prefix === null ? path !== "/health" : path.startsWith(prefix);
}

function answer(status: number, body: string): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body };
}
