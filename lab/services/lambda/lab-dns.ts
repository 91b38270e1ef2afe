// node:dns and node:dns/promises as functions use them: the Region's resolver, or, after
// setServers with addresses of the zone's name servers, those servers themselves. They stand on
// the internet: no fault of a Region silences them, only the caller's own.
import type { Region } from "../../../core/config/schema.ts";
import type { Internet } from "../../internet.ts";
import type { DnsAnswer, DnsType, Lab } from "../../kernel.ts";
import { activeHealthName, globalHealthName } from "../health/health.ts";
import type { Gate } from "./gate.ts";

export interface DnsPorts {
  readonly lab: Pick<Lab, "nameServers" | "resolverIn">;
  readonly internet: Internet;
  readonly region: Region;
  readonly gate: Gate;
}

type Records = string[] | string[][];
type Callback = (fault: Error | null, records?: Records) => void;

/** c-ares' names of what went wrong. */
function failure(code: string, name: string): Error {
  return Object.assign(new Error(`query ${code} ${name}`), { code, hostname: name });
}

export function labDns(ports: DnsPorts) {
  const PromiseResolver = promiseResolver(ports);
  const shared = new PromiseResolver();
  class CallbackResolver {
    readonly #inner = new PromiseResolver();
    setServers = (servers: readonly string[]) => this.#inner.setServers(servers);
    getServers = () => this.#inner.getServers();
    cancel = () => {};
    resolve = callback((name, type) => this.#inner.resolve(name, type));
    resolve4 = callback((name) => this.#inner.resolve4(name));
    resolve6 = callback((name) => this.#inner.resolve6(name));
    resolveTxt = callback((name) => this.#inner.resolveTxt(name));
    resolveNs = callback((name) => this.#inner.resolveNs(name));
    resolveCname = callback((name) => this.#inner.resolveCname(name));
  }
  const promises = {
    Resolver: PromiseResolver,
    resolve: shared.resolve.bind(shared),
    resolve4: shared.resolve4.bind(shared),
    resolve6: shared.resolve6.bind(shared),
    resolveTxt: shared.resolveTxt.bind(shared),
    resolveNs: shared.resolveNs.bind(shared),
    resolveCname: shared.resolveCname.bind(shared),
  };
  const own = new CallbackResolver();
  const { resolve, resolve4, resolve6, resolveTxt, resolveNs, resolveCname } = own;
  const callbacks = { resolve, resolve4, resolve6, resolveTxt, resolveNs, resolveCname };
  return { promises, callbacks: { Resolver: CallbackResolver, ...callbacks, promises } };
}

function callback(query: (name: string, type?: string) => Promise<Records>) {
  return (name: string, ...rest: (string | Callback)[]): void => {
    const [type] = rest.filter((argument) => typeof argument === "string");
    const [done] = rest.filter((argument) => typeof argument === "function");
    query(name, type).then(
      (records) => done?.(null, records),
      (fault) => done?.(fault),
    );
  };
}

function promiseResolver({ lab, internet, region, gate }: DnsPorts) {
  return class {
    #servers: readonly string[] = [];

    setServers(servers: readonly string[]): void {
      this.#servers = servers;
    }

    getServers(): string[] {
      return [...this.#servers];
    }

    cancel(): void {}

    async resolve(name: string, type = "A"): Promise<Records> {
      if (type === "TXT") return await this.resolveTxt(name);
      if (type === "A" || type === "AAAA" || type === "NS" || type === "CNAME") {
        return await this.#records(name, type);
      }
      throw new Error(`the lab does not model DNS queries of type ${type}`);
    }

    resolve4(name: string): Promise<string[]> {
      return this.#records(name, "A");
    }

    resolve6(name: string): Promise<string[]> {
      return this.#records(name, "AAAA");
    }

    resolveNs(name: string): Promise<string[]> {
      return this.#records(name, "NS");
    }

    resolveCname(name: string): Promise<string[]> {
      return this.#records(name, "CNAME");
    }

    async resolveTxt(name: string): Promise<string[][]> {
      return (await this.#records(name, "TXT")).map((text) => [text]);
    }

    async #records(name: string, type: DnsType): Promise<string[]> {
      const { status, values } = await gate.hold(this.#ask(name, type));
      if (status === "SERVFAIL") throw failure("ESERVFAIL", name);
      if (status === "NXDOMAIN") throw failure("ENOTFOUND", name);
      if (values.length === 0) throw failure("ENODATA", name);
      return [...values];
    }

    /** The first server is asked. One that is none of the zone's never answers. */
    async #ask(name: string, type: DnsType): Promise<DnsAnswer> {
      // AWS's own names are in no zone of ours, and found from everywhere.
      if (name === globalHealthName && type === "CNAME") {
        const found = { status: "NOERROR", values: [activeHealthName], ttlSeconds: 60 } as const;
        return await internet.roundTrip({ region }, region, async () => found);
      }
      const [server] = this.#servers;
      if (server === undefined) return await lab.resolverIn(region).resolve(name, type);
      const isOurs = lab.nameServers.servers.some(({ address }) => address === server);
      if (!isOurs) return await new Promise<DnsAnswer>(() => {});
      const answer = async () => lab.nameServers.answer(name, type, region);
      return await internet.roundTrip({ region }, region, answer);
    }
  };
}
