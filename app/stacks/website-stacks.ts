// The website's three stacks, in the order that keeps their references from going round: first the
// distribution, then, in each Region, the bucket whose policy names it.
import { join } from "node:path";
import type { Stack, StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Config, Region } from "../../core/config/schema.ts";
import { projectFolder } from "../bundles.ts";
import type { RoutingStack } from "./routing-stack.ts";
import { WebsiteContentStack } from "./website-content-stack.ts";
import { WebsiteStack, websiteRegion } from "./website-stack.ts";

export interface WebsiteStacksProps {
  readonly config: Config;
  /** Folder of the page. Default: the sample's. */
  readonly pageFolder?: string | undefined;
  /** The stacks come last: the page calls the public name. */
  readonly after: RoutingStack;
  readonly nameOf: (part: string) => string;
  readonly stackProps: (region: Region) => StackProps;
}

/** None without `frontend: true`. */
export function websiteStacks(scope: Construct, props: WebsiteStacksProps): Stack[] {
  const { config, nameOf, stackProps, after } = props;
  if (!config.frontend) return [];
  const site = new WebsiteStack(scope, nameOf("website"), { ...stackProps(websiteRegion), config });
  site.addStackDependency(after, "its page calls the public name");
  const content = (part: "primary" | "secondary") =>
    new WebsiteContentStack(scope, nameOf(`website-${part}`), {
      ...stackProps(config.regions[part]),
      config,
      pageFolder: props.pageFolder ?? join(projectFolder, "app/website"),
      distributionId: site.distributionId,
    });
  return [site, content("primary"), content("secondary")];
}
