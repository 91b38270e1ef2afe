import { describe, expect, it } from "vitest";
import {
  type AlarmState,
  evaluate,
  type MissingData,
  missingDataTreatments,
} from "../../../../lab/services/cloudwatch/evaluation.ts";

const meaning: { readonly [sign: string]: boolean | null } = { "0": false, X: true, "-": null };
const points = (signs: string) => [...signs].map((sign) => meaning[sign] ?? null);
type Row = [string, { readonly [treatment in MissingData]: AlarmState | null }];

const same = (state: AlarmState): Row[1] => ({
  missing: state,
  ignore: state,
  breaching: state,
  notBreaching: state,
});

describe("an alarm on 3 out of 3, as AWS's table has it", () => {
  const rows: Row[] = [
    ["0-X-X", same("OK")],
    ["----0", same("OK")],
    ["0XX-X", same("ALARM")],
    [
      "-----",
      { missing: "INSUFFICIENT_DATA", ignore: null, breaching: "ALARM", notBreaching: "OK" },
    ],
    ["--X--", { missing: "ALARM", ignore: null, breaching: "ALARM", notBreaching: "OK" }],
    // From the text below the table: the next datapoint may be good.
    ["---X-", { missing: "OK", ignore: null, breaching: "ALARM", notBreaching: "OK" }],
    ["----X", { missing: "OK", ignore: null, breaching: "ALARM", notBreaching: "OK" }],
  ];
  it.each(rows)("judges %s by its treatment of missing data", (signs, expected) => {
    const rules = { evaluationPeriods: 3, datapointsToAlarm: 3 };
    const judged = missingDataTreatments.map((treatMissingData) => [
      treatMissingData,
      evaluate({ ...rules, treatMissingData }, points(signs)),
    ]);
    expect(Object.fromEntries(judged)).toEqual(expected);
  });
});

describe("an alarm on 2 out of 3, as AWS's table has it", () => {
  const rows: Row[] = [
    ["0-X-X", same("ALARM")],
    ["00X0X", same("ALARM")],
    ["0-X--", { missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" }],
    ["----0", { missing: "OK", ignore: "OK", breaching: "ALARM", notBreaching: "OK" }],
    ["---X-", { missing: "ALARM", ignore: null, breaching: "ALARM", notBreaching: "OK" }],
  ];
  it.each(rows)("judges %s by its treatment of missing data", (signs, expected) => {
    const rules = { evaluationPeriods: 3, datapointsToAlarm: 2 };
    const judged = missingDataTreatments.map((treatMissingData) => [
      treatMissingData,
      evaluate({ ...rules, treatMissingData }, points(signs)),
    ]);
    expect(Object.fromEntries(judged)).toEqual(expected);
  });
});
