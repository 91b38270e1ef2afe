// Every duration of Route 53's data plane in one place: those that AWS documents, and those that
// AWS doesn't, which the lab draws by seed from the ranges given here. `fidelity` is the same as
// rows for docs/fidelity.md.

/** Checkers in each checker Region: 16 in the 8 Regions of a default check. */
export const checkersPerRegion = 2;
/** More than this share of the checkers healthy makes the check healthy. Documented: 18 %. */
export const healthyShare = 0.18;
/** Documented limits of an HTTPS probe: connecting, then the status line after connecting. */
export const connectTimeoutMilliseconds = 4000;
export const answerTimeoutMilliseconds = 2000;
/** A string must lie within the body's first 5,120 bytes. Documented. */
export const searchableBytes = 5120;

/** Not documented: from a checker's or a child's change until the check's status holds it. */
export const aggregationMilliseconds = { low: 1000, high: 3000 };
/** Not documented: from an accepted UpdateHealthCheck until the name servers act on it. */
export const updateMilliseconds = { low: 2000, high: 15_000 };
/** Not documented: how often Route 53 looks at an alarm's metric data. */
export const metricPollMilliseconds = 10_000;

export interface FidelityRow {
  readonly behaviour: string;
  readonly modelled: string;
  /** Where AWS says so; "silent" where it doesn't. */
  readonly source: string;
}

const guide = "Route 53 Developer Guide";
const api = "Route 53 API Reference";

export const fidelity: readonly FidelityRow[] = [
  {
    behaviour: "Health checkers",
    modelled: "16 uncoordinated checkers in 8 Regions, each with its own streak",
    source: `${api}, HealthCheckConfig (Regions); the number 16 is from AWS's blog`,
  },
  {
    behaviour: "Probe timing",
    modelled: "10 or 30 s from answer to next probe; 4 s to connect, 2 s to answer",
    source: `${guide}, dns-failover-determining-health-of-endpoints`,
  },
  {
    behaviour: "Verdict of a check",
    modelled: "healthy while more than 18 % of its checkers say so; new ones are healthy",
    source: `${guide}, dns-failover-determining-health-of-endpoints`,
  },
  {
    behaviour: "A check's status reaching the answers",
    modelled: "1 to 3 s by seed, for all name servers at once; a real location may differ",
    source: "silent",
  },
  {
    behaviour: "UpdateHealthCheck reaching the answers",
    modelled: "2 to 15 s by seed; updates of one check take effect in order",
    source: "silent",
  },
  {
    behaviour: "Disabled, Inverted",
    modelled: "verdict, then disabled counts as healthy, then inversion, at once",
    source: `${api}, UpdateHealthCheck; the order is inferred`,
  },
  {
    behaviour: "Alarm-based checks",
    modelled:
      "the metric's data is judged every 10 s, not the alarm's state; a Region that is " +
      "down gives insufficient data; settings are the alarm's present ones",
    source: `${guide}, health-checks-creating-values; the interval is silent`,
  },
  {
    behaviour: "Failover and latency records",
    modelled: "as documented, with everything unhealthy too; latency is distance",
    source: `${guide}, health-checks-how-route-53-chooses-records`,
  },
  {
    behaviour: "Evaluate Target Health on API Gateway",
    modelled: "always passes",
    source: `${api}, AliasTarget: no operational benefit`,
  },
  {
    behaviour: "TTL of an alias to API Gateway",
    modelled: "60 s",
    source: "silent; the usual observation",
  },
  {
    behaviour: "Throttling",
    modelled: "50 requests, 10 a second more, for the account and for each action; HTTP 400",
    source: `${guide}, throttling-api-requests; UpdateHealthCheck's own row was not readable`,
  },
];
