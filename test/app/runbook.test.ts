// Whoever is paged finds what to do under the alarm's own name, and no section is about an alarm
// that nobody deploys. Every alarm of every stack counts, whatever the shape adds.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { base, type Synthesized, synthesize } from "./assembly.ts";

/** All that adds stacks or resources: the runbook's Regions; and Regions with a Health relay. */
const everything = {
  topology: "active-active",
  writes: "any-region",
  workloads: ["api", "events"],
  frontend: true,
};
const europe = { primary: "eu-west-1", secondary: "eu-central-1", witness: "eu-west-3" };
const shapes = [
  { all: synthesize(everything), regions: base.regions },
  { all: synthesize({ ...everything, regions: europe }), regions: europe },
];

const runbook = readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");
const alarms = /^## Alarms\n([\s\S]*?)^## /m.exec(runbook)?.[1] ?? "";
const sections = alarms.split(/^### /m).slice(1);
const titleOf = (section: string) => section.split("\n")[0] ?? "";

interface Deployed {
  /** As the runbook would call it, whose Regions are the default ones. */
  readonly name: string;
  readonly pages: boolean;
}

function alarmsOf({ templates }: Synthesized, regions: typeof base.regions): Deployed[] {
  return [...templates.values()].flatMap((template) =>
    ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"].flatMap((type) =>
      Object.values(template.findResources(type)).map(({ Properties }) => ({
        name: String(Properties.AlarmName)
          .replace(regions.primary, base.regions.primary)
          .replace(regions.secondary, base.regions.secondary),
        pages: Properties.AlarmActions !== undefined,
      })),
    ),
  );
}

test.each(shapes)(
  "Paging alarms and the runbook's sections are one to one.",
  ({ all, regions }) => {
    const paging = alarmsOf(all, regions).filter(({ pages }) => pages);
    expect(sections.map(titleOf).sort()).toEqual(
      [...new Set(paging.map(({ name }) => name))].sort(),
    );
  },
);

test.each(shapes)("Only the levers' alarms page nobody.", ({ all, regions }) => {
  const silent = alarmsOf(all, regions).filter(({ pages }) => !pages);
  expect(silent.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual([
    "orders-drain-us-east-1",
    "orders-drain-us-west-2",
    "orders-switch-us-east-1",
    "orders-switch-us-west-2",
  ]);
});

test.each(sections.map((section) => ({ title: titleOf(section), section })))(
  "$title has its four parts, each once and in order",
  ({ section }) => {
    expect([...section.matchAll(/^\*\*([A-Z][^*]+)\.\*\*/gm)].map(([, part]) => part)).toEqual([
      ...["Description", "Investigation", "Resolution", "When not to use"],
    ]);
  },
);
