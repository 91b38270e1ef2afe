// Nothing hard-codes a Region: codes stand in the configuration, in scenarios and tests, and in the
// few files below that hold facts about Regions, each with its reason. Comments, and what is said
// to people as an example, are no code.
import type { Rule } from "./rules.ts";
import type { SourceFile } from "./source.ts";

const folders = /^(core|functions|workflows|app|canaries|lab|operator)\//;
const code = /\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:[a-z]+-){1,2}\d\b/;

/** By file: which codes it may name ("any": all of them), and why. */
export const allowedRegions: {
  readonly [path: string]: { readonly codes: readonly string[] | "any"; readonly why: string };
} = {
  "core/config/regions.ts": { codes: "any", why: "facts: MRSC, Health's backups, Route 53" },
  "core/config/load.ts": {
    codes: ["us-east-1", "us-west-2", "us-east-2"],
    why: "stands in for a wrong value while the others are checked; never deployed",
  },
  "app/stacks/website-stack.ts": {
    codes: ["us-east-1"],
    why: "where CloudFront takes certificates from",
  },
  "core/config/schema.ts": { codes: ["us-east-1"], why: "an example in messages" },
  "lab/scenarios/schema.ts": {
    codes: ["us-east-1"],
    why: "the format's default place of clients, and an example in a message",
  },
  "lab/dns/distance.ts": { codes: "any", why: "where the Regions are" },
  "lab/services/route53/check-config.ts": { codes: "any", why: "the Regions of the checkers" },
  "lab/services/route53/api.ts": { codes: ["us-east-1"], why: "Route 53's control plane" },
  "lab/services/route53/route53.ts": { codes: ["us-east-1"], why: "Route 53's control plane" },
  "lab/aws-calls.ts": { codes: ["us-east-1"], why: "endpoints of global services" },
  "lab/services/health/health.ts": { codes: ["us-east-1"], why: "AWS Health's active endpoint" },
  "lab/services/states/conformance.ts": { codes: "any", why: "as the recordings have it" },
  "lab/services/states/virtual-world.ts": { codes: ["us-east-1"], why: "the recordings' Region" },
};

export const regionCodes: Rule = (files) =>
  files.filter(({ path }) => folders.test(path)).flatMap(codesIn);

function codesIn({ path, text }: SourceFile): string[] {
  const allowed = allowedRegions[path]?.codes ?? [];
  if (allowed === "any") return [];
  return text.split("\n").flatMap((line, index) => {
    const found = code.exec(withoutComment(line))?.[0];
    if (found === undefined || allowed.includes(found)) return [];
    return [`${path}:${index + 1}: ${found} is hard-coded; take it from the configuration`];
  });
}

/** `//` inside a string, as in a URL, is no comment; a block comment's lines begin with a star. */
function withoutComment(line: string): string {
  if (/^\s*(\/?\*|\/\/)/.test(line)) return "";
  return line.replace(/\s\/\/ .*$/, "").replace(/\/\*.*?\*\//g, "");
}

/** Exceptions that nothing needs any more. */
export function uselessExceptions(files: readonly SourceFile[]): string[] {
  return Object.keys(allowedRegions).filter((path) => {
    const file = files.find((one) => one.path === path);
    return !file?.text.split("\n").some((line) => code.test(withoutComment(line)));
  });
}
