// What `frontend: true` demands of the rest: a name of the website's own, which the zone can hold,
// and the API that its page calls.
import { ownName, publicTargetName, servingRegions, websiteName } from "../names.ts";
import type { Finding } from "./finding.ts";
import type { Config } from "./schema.ts";

export function websiteFaults(config: Config): Finding[] {
  if (!config.frontend) return [];
  const { hostedZoneName } = config.domain;
  const site = websiteName(config);
  const faults: Finding[] = [];
  if (!site.endsWith(`.${hostedZoneName}`)) {
    const message = `${site} is not below the zone ${hostedZoneName}`;
    faults.push({ paths: ["$.domain.website", "$.domain.hostedZoneName"], message });
  }
  if (namesOfApi(config).includes(site)) {
    const message = `${site} is a name of the API; the website needs another one`;
    faults.push({ paths: ["$.domain.website", "$.domain.name"], message });
  }
  if (!config.workloads.includes("api")) {
    const message = 'the website places orders: it needs the workload "api"';
    faults.push({ paths: ["$.frontend", "$.workloads"], message });
  }
  return faults;
}

function namesOfApi(config: Config): string[] {
  const below = servingRegions(config).flatMap((region) => [
    ownName(config, region),
    publicTargetName(config, region),
  ]);
  return [config.domain.name, ...below];
}
