// What an alarm's datapoints say: M out of N with missing data. Source: "Configuring how alarms
// treat missing data" with its tables; the evaluation range is two periods longer than N, as there.

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export const missingDataTreatments = ["missing", "notBreaching", "breaching", "ignore"] as const;
export type MissingData = (typeof missingDataTreatments)[number];

/** Periods looked at beyond N, so that a late datapoint or a gap doesn't decide. */
export const extraPeriods = 2;

export interface Rules {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingData;
}

/** `breaching`: of each period of the evaluation range, oldest first; null: no datapoint. The
 * answer null: keep the state. */
export function evaluate(rules: Rules, breaching: readonly (boolean | null)[]): AlarmState | null {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rules;
  const real = breaching.filter((one) => one !== null).slice(-evaluationPeriods);
  const bad = real.filter(Boolean).length;
  const filled = evaluationPeriods - real.length;
  switch (treatMissingData) {
    case "breaching":
      return bad + filled >= datapointsToAlarm ? "ALARM" : "OK";
    case "notBreaching":
      return bad >= datapointsToAlarm ? "ALARM" : "OK";
    case "ignore":
      if (bad >= datapointsToAlarm) return "ALARM";
      return bad < real.length ? "OK" : null;
    case "missing":
      if (real.length === 0) return "INSUFFICIENT_DATA";
      return bad >= datapointsToAlarm || isPremature(rules, breaching) ? "ALARM" : "OK";
    default:
      return treatMissingData satisfies never;
  }
}

/** Too few datapoints, all of them breaching, and the oldest at least M periods old. One that is
 * younger waits for the next: "Avoiding premature transitions to alarm state". */
function isPremature(rules: Rules, breaching: readonly (boolean | null)[]): boolean {
  const oldest = breaching.indexOf(true);
  return (
    oldest >= 0 &&
    !breaching.includes(false) &&
    breaching.length - oldest >= rules.datapointsToAlarm
  );
}
