// Who serves which IP address of the lab: a Region, as for API Gateway's domain names, or the edge
// nearest the caller, as for CloudFront's.
// Certificates are not modelled; a server sees the Host header and judges by that.
import type { Region } from "../core/config/schema.ts";
import type { Internet } from "./internet.ts";
import type { Clock, HttpRequest, HttpResponse, Network, Place, Web } from "./kernel.ts";

type Serve = (request: HttpRequest, place: Region) => Promise<HttpResponse>;
interface Server {
  /** Null: at every edge. */
  readonly region: Region | null;
  readonly serve: Serve;
}

/** Nobody listens at the address. */
export class ConnectionRefused extends Error {
  override readonly name = "ConnectionRefused";
  readonly code = "ECONNREFUSED";

  constructor(address: string) {
    super(`connect ECONNREFUSED ${address}:443`);
  }
}

/** Refusals come from the far end too: they take as long as a packet to the next Region edge. */
const refusalMilliseconds = 10;

export function createWeb(clock: Pick<Clock, "sleep">, network: Network, internet: Internet): Web {
  const servers = new Map<string, Server>();
  const listen = (address: string, server: Server) => {
    if (servers.has(address)) throw new Error(`${address} is taken already`);
    servers.set(address, server);
  };
  const reach = async <T>(
    from: Place,
    address: string,
    serveBy: (server: Server, place: Region) => Promise<T>,
  ): Promise<T> => {
    const server = servers.get(address);
    if (server !== undefined) {
      const place = "region" in from ? from.region : from.internet;
      const { region } = server;
      if (region === null) {
        return await internet.roundTrip(from, place, () => serveBy(server, place));
      }
      return await network.roundTrip(from, region, () => serveBy(server, region));
    }
    await clock.sleep(refusalMilliseconds);
    throw new ConnectionRefused(address);
  };
  return {
    listen: (address, region, serve) => listen(address, { region, serve }),
    listenAtEdges: (address, serve) => listen(address, { region: null, serve }),
    exchange: (from, address, request) =>
      reach(from, address, ({ serve }, place) => serve(request, place)),
    async connect(from, address) {
      for (const _handshake of ["TCP", "TLS"]) await reach(from, address, async () => undefined);
    },
  };
}
