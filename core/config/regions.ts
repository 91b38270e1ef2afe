// Facts about AWS's Regions that no service can be asked for while a template is written. Each says
// where it is from; nothing else in the project names a Region.
import type { Config, Region } from "./schema.ts";

/** The Region sets of MRSC until 2026-09. Guide pages, SDK documentation and CDK's TableV2 (2.276)
 * still know only these, and no table that spans two of them. Source: CreateGlobalTableWitness-
 * GroupMemberAction of the DynamoDB API Reference. */
const olderMrscSets: readonly (readonly Region[])[] = [
  ["us-east-1", "us-east-2", "us-west-2"],
  ["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"],
  ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3"],
];

/** Where DynamoDB offers strong consistency across Regions (MRSC), in any three of them since
 * 2026-09. AWS counts 15; these eleven could be established on 2026-11-20, Singapore from the
 * announcement and the others from the API Reference. A Region that is missing here is refused for
 * "strong" until it stands here: a table that AWS refuses is found out at deployment only. */
export const mrscRegions: readonly Region[] = [...olderMrscSets.flat(), "ap-southeast-1"];

/** The three lie in one set as it was before 2026-09. */
export const inOneOlderSet = (regions: readonly Region[]): boolean =>
  olderMrscSets.some((set) => regions.every((region) => set.includes(region)));

/** Holds Route 53's control plane. Source: "AWS Fault Isolation Boundaries", appendix B. */
export const route53ControlPlaneRegion: Region = "us-east-1";

/** Where AWS Health delivers a second copy of a Region's events. Source: AWS Health User Guide,
 * "Choosing a Region". */
export const healthBackupRegion = (region: Region): Region =>
  region === "us-west-2" ? "us-east-1" : "us-west-2";

/** The Region that receives such copies without serving: it hands them on. At most one, since two
 * backups differ only where one of the serving Regions is a backup itself. Null: none. */
export function healthRelayRegion({ regions }: Pick<Config, "regions">): Region | null {
  const serving = [regions.primary, regions.secondary];
  const backups = serving.map(healthBackupRegion);
  return backups.find((backup) => !serving.includes(backup)) ?? null;
}

/** Every Region that something is deployed to, each once. */
export function deployedRegions(config: Pick<Config, "regions">): Region[] {
  const { primary, secondary, witness } = config.regions;
  const relay = healthRelayRegion(config);
  return [...new Set([primary, secondary, witness, ...(relay === null ? [] : [relay])])];
}
