// Why policies of functions name some resources with a wildcard: an answer to cdk-nag for each, and
// none for one that nobody thought about.
const wildcardReasons = [
  [
    ":execute-api:",
    "The API's id is made by the other stack: any API, this stage, this route only",
  ],
  ["-archive-", "Objects are named after runs: any of this group's, in this bucket"],
  [":healthcheck/", "The routing stack is deployed last: health-check ids are read at run time"],
] as const;
const metricReason =
  "CloudWatch's metric actions know no resources, nor does health:DescribeEvents; PutMetricData " +
  "is limited to one namespace";

/** Why a policy of Access holds that resource with a wildcard. */
export function wildcardReason(resource: string): string {
  if (resource === "*") return metricReason;
  const known = wildcardReasons.find(([part]) => resource.includes(part));
  if (known === undefined) throw new Error(`no reason for the wildcard in ${resource}`);
  return known[1];
}
