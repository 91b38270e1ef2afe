// Asks the zone's own name servers where Route 53 sends clients: the TXT value of each marker,
// which has failover records with the public name's checks. Caching resolvers can't be believed
// here, and Route 53's API says nothing of when an update takes effect.
import { Resolver } from "node:dns/promises";
import type { Config, Region } from "../../core/config/schema.ts";
import { leverRegions, markerName } from "../../core/names.ts";
import { bounded } from "./clients.ts";

export interface NameServers {
  /** The Regions that the markers name, sorted; every name server that answered a marker names the
   * same. null: of a marker none did, or they differ. */
  answeredRegions(): Promise<Region[] | null>;
}

const askSeconds = 3;

export function nameServersOf(config: Config): NameServers {
  const markers = leverRegions(config).map((region) => markerName(config, region));
  // Kept while the container lives: a zone's delegation outlives it.
  let addresses: string[] | null = null;
  return {
    async answeredRegions() {
      try {
        addresses ??= await addressesOf(config.domain.hostedZoneName);
        const servers = addresses;
        const answers = await Promise.all(markers.map((marker) => agreedAnswer(servers, marker)));
        const named = answers.filter((answer) => answer !== null);
        return named.length === answers.length ? [...new Set(named)].sort() : null;
      } catch {
        addresses = null;
        return null;
      }
    },
  };
}

async function agreedAnswer(servers: readonly string[], marker: string): Promise<Region | null> {
  const answers = await Promise.all(servers.map((each) => askServer(each, marker)));
  const named = new Set(answers.filter((answer) => answer !== null));
  const [only] = named;
  return named.size === 1 ? (only ?? null) : null;
}

async function addressesOf(zone: string): Promise<string[]> {
  const resolver = resolverWithLimits();
  const names = await bounded(askSeconds, () => resolver.resolveNs(zone));
  const found = await Promise.all(
    names.map((name) => bounded(askSeconds, () => resolver.resolve4(name)).catch(() => [])),
  );
  const addresses = found.flat();
  if (addresses.length === 0) throw new Error(`No name server of ${zone} has an address.`);
  return addresses;
}

async function askServer(address: string, marker: string): Promise<string | null> {
  const resolver = resolverWithLimits();
  resolver.setServers([address]);
  try {
    const records = await bounded(askSeconds, () => resolver.resolveTxt(marker));
    return records[0]?.join("") ?? null;
  } catch {
    return null;
  }
}

function resolverWithLimits(): Resolver {
  return new Resolver({ timeout: 1_000, tries: 2 });
}
