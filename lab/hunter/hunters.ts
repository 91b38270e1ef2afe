// The crew that runs drawn disasters. Of a run that didn't end nobody can say how it would have.
import { Crew, type CrewSettings } from "../crew.ts";
import { type Order, type Report, reportSchema } from "./orders.ts";

export type Hunters = Crew<Order, Report>;

function inconclusive(why: string): Report {
  return { verdict: "inconclusive", failures: [why], logSha256: null, wallMilliseconds: 0 };
}

/** `over`: another script, another patience. */
export function hunters(over: Partial<CrewSettings<Report>> = {}): Hunters {
  return new Crew<Order, Report>({
    script: "lab/hunter/main.ts",
    reportOf: (message) => reportSchema.safeParse(message).data ?? null,
    broken: inconclusive,
    ...over,
  });
}
