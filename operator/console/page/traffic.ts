// How many requests a Region answers: in the lab as its clients count them, of the last seconds; on
// AWS as API Gateway counts them, of the last whole minute, the looks' among them.
import { labBucketSeconds } from "../../../core/contracts/lab-control.ts";
import type { ConsoleState } from "../contract.ts";

/** null: not known. */
export function perSecond({ lab, facts }: ConsoleState, region: string): number | null {
  if (lab !== null) {
    // The newest may be growing.
    const whole = lab.buckets.slice(-4, -1);
    if (whole.length === 0) return null;
    const good = whole.reduce((sum, bucket) => sum + (bucket.good[region] ?? 0), 0);
    return good / (whole.length * labBucketSeconds);
  }
  const minutes = facts?.traffic[region];
  if (minutes == null) return null;
  return (minutes.at(-1)?.requests ?? 0) / 60;
}
