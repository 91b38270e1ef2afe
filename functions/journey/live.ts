// The journey over real HTTPS, signed with this function's own credentials, from where it runs.
import type { Config, Region } from "../../core/config/schema.ts";
import { exchange, signed } from "../adapters/http-client.ts";
import { environment } from "../env.ts";
import { sleep } from "../sleep.ts";
import type { JourneyPorts } from "./asking.ts";

export const livePorts: JourneyPorts = {
  http: exchange,
  sign: signed,
  now: () => Date.now(),
  sleep,
};

/** For canaries, which have the variables of a function but no handler frame. */
export function vantagePoint(): { readonly config: Config; readonly vantage: Region } {
  const { config, region } = environment();
  return { config, vantage: region };
}
