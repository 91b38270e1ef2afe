// Exchanges with what belongs to no Region: Route 53's API and its name servers. No fault of a
// Region reaches them; only the caller's own Region can die under the exchange.
import type { Region } from "../core/config/schema.ts";
import type { Clock, Network, Place } from "./kernel.ts";

export interface Internet {
  /** As Network.roundTrip, to a global service whose machines stand near `home`. */
  roundTrip<T>(from: Place, home: Region, serve: () => Promise<T>): Promise<T>;
}

export function createInternet(clock: Pick<Clock, "after">, network: Network): Internet {
  const deaths = new Map<Region, number>();
  network.onRegion((region, down) => {
    if (down) deaths.set(region, (deaths.get(region) ?? 0) + 1);
  });
  const placeOf = (from: Place): Region => ("region" in from ? from.region : from.internet);
  const isUp = (from: Place): boolean => !("region" in from) || !network.isDown(from.region);
  const life = (from: Place): number => ("region" in from ? (deaths.get(from.region) ?? 0) : 0);

  return {
    roundTrip: (from, home, serve) =>
      new Promise((resolve, reject) => {
        if (!isUp(from)) return;
        const sender = life(from);
        const leg = (run: () => void) =>
          clock.after(network.delay({ internet: placeOf(from) }, home), () => {
            if (isUp(from) && life(from) === sender) run();
          });
        leg(() => {
          serve().then(
            (value) => leg(() => resolve(value)),
            (fault) => leg(() => reject(fault)),
          );
        });
      }),
  };
}
