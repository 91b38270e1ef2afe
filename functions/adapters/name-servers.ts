// Asks the zone's own name servers which Region Route 53 answers: the marker's TXT value, which
// has the public name's failover records and checks. Caching resolvers can't be believed here,
// and Route 53's API says nothing of when an update takes effect.
import { Resolver } from "node:dns/promises";
import type { Config, Region } from "../../core/config/schema.ts";
import { markerName } from "../../core/names.ts";
import { bounded } from "./clients.ts";

export interface NameServers {
  /** The Region that every name server which answered names; null: none did, or they differ. */
  answeredRegion(): Promise<Region | null>;
}

const askSeconds = 3;

export function nameServersOf(config: Config): NameServers {
  // Kept while the container lives: a zone's delegation outlives it.
  let addresses: string[] | null = null;
  return {
    async answeredRegion() {
      try {
        addresses ??= await addressesOf(config.domain.hostedZoneName);
        const answers = await Promise.all(addresses.map((each) => askServer(each, config)));
        const named = new Set(answers.filter((answer) => answer !== null));
        const [only] = named;
        return named.size === 1 ? (only ?? null) : null;
      } catch {
        addresses = null;
        return null;
      }
    },
  };
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

async function askServer(address: string, config: Config): Promise<string | null> {
  const resolver = resolverWithLimits();
  resolver.setServers([address]);
  const marker = markerName(config, config.regions.primary);
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
