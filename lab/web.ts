// Which Region serves which IP address of the lab: the HTTPS side of API Gateway's domain names.
// Certificates are not modelled; a server sees the Host header and judges by that.
import type { Region } from "../core/config/schema.ts";
import type { Clock, HttpRequest, HttpResponse, Network, Place, Web } from "./kernel.ts";

type Serve = (request: HttpRequest) => Promise<HttpResponse>;

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

export function createWeb(clock: Pick<Clock, "sleep">, network: Network): Web {
  const servers = new Map<string, { region: Region; serve: Serve }>();
  return {
    listen(address, region, serve) {
      if (servers.has(address)) throw new Error(`${address} is taken already`);
      servers.set(address, { region, serve });
    },
    async exchange(from: Place, address, request) {
      const server = servers.get(address);
      if (server !== undefined) {
        return await network.roundTrip(from, server.region, () => server.serve(request));
      }
      await clock.sleep(refusalMilliseconds);
      throw new ConnectionRefused(address);
    },
  };
}
