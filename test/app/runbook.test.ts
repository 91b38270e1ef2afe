// Whoever is paged finds what to do under the alarm's own name, and no section is about an alarm
// that nobody deploys.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../lab/deploy/project-root.ts";
import { synthesize } from "./assembly.ts";

test("Paging alarms and the runbook's sections are one to one, each with its four parts.", () => {
  const { primary, secondary, witness } = synthesize({ workloads: ["api", "events"] });
  const deployed = [primary, secondary, witness]
    .flatMap((template) => Object.values(template.findResources("AWS::CloudWatch::Alarm")))
    .filter(({ Properties }) => Properties.AlarmActions !== undefined)
    .map(({ Properties }) => String(Properties.AlarmName));
  const runbook = readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");
  const alarms = /^## Alarms\n([\s\S]*?)^## /m.exec(runbook)?.[1] ?? "";
  const sections = alarms.split(/^### /m).slice(1);
  const told = sections.map((section) => section.split("\n")[0] ?? "");
  expect(told.sort()).toEqual([...new Set(deployed)].sort());
  for (const section of sections) {
    for (const part of ["Description", "Investigation", "Resolution", "When not to use"]) {
      expect(section, section.split("\n")[0]).toContain(`**${part}.**`);
    }
  }
});
