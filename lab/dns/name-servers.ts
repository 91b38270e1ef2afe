// The zone's four name servers. They are anycast: no fault of a Region silences them, so who asks
// only needs a network of its own. Names and addresses are of the shape AWS delegates.
import type { Region } from "../../core/config/schema.ts";
import type { DnsAnswer, DnsType, NameServers } from "../kernel.ts";
import type { Zone } from "./zone.ts";

export const zoneServers = [
  { name: "ns-141.awsdns-17.com", address: "205.251.192.141" },
  { name: "ns-702.awsdns-23.net", address: "205.251.194.190" },
  { name: "ns-1258.awsdns-29.org", address: "205.251.196.234" },
  { name: "ns-1893.awsdns-44.co.uk", address: "205.251.199.101" },
] as const;

export class ZoneNameServers implements NameServers {
  readonly servers = zoneServers;
  readonly #zone: Zone;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  answer(name: string, type: DnsType, from: Region): DnsAnswer {
    return this.#zone.answer(name, type, from);
  }
}
