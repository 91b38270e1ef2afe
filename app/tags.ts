// What every resource is tagged with. CDK's aspects reach all but the replicas of a table that is
// written as CloudFormation writes it.
import type { Config } from "../core/config/schema.ts";

export const tagsOf = (config: Config): Readonly<Record<string, string>> => ({
  application: config.application,
  "managed-by": "switchback",
});
