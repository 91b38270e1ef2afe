// The application's names on one real port: the Host header says which is called, as a browser's
// would. A name is resolved by the lab's DNS and the request goes on to that address, from a
// client's place. Plain HTTP on loopback, since certificates are not modelled.
import { CachingResolver } from "../dns/resolver.ts";
import type { Place } from "../kernel.ts";
import type { RunningLab } from "../lab.ts";
import { type Answered, loopback, type Received } from "./listening.ts";

export function apiDoor({ lab }: Pick<RunningLab, "lab">, publicName: string, from: Place) {
  const resolver = new CachingResolver(lab, { from });
  return async (received: Received): Promise<Answered> => {
    const named = (received.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    // Who can't set a Host header (fetch can't) calls the port itself, and gets the public name.
    const host = ["", loopback, "localhost"].includes(named) ? publicName : named;
    const [address] = (await resolver.resolve(host, "A")).values;
    if (address === undefined) return noSuchName(host);
    const headers = { ...received.headers, host };
    return await lab.web.exchange(from, address, { ...received, headers, host });
  };
}

const noSuchName = (host: string): Answered => ({
  status: 502,
  headers: { "content-type": "text/plain" },
  body: `The lab's DNS has no address for ${host}.\n`,
});
