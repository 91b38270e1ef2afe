// The journey over real HTTPS, signed with this function's own credentials.
import { exchange, signed } from "../adapters/http-client.ts";
import type { JourneyPorts } from "./journey.ts";

export const livePorts: JourneyPorts = { http: exchange, sign: signed, now: () => Date.now() };
