// The classic bugs must still be plantable: when the product's text changes, this says so at once.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../../lab/deploy/project-root.ts";
import { plant, planted, plants } from "../../../lab/hunter/plants.ts";

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");

describe("A planted bug", () => {
  it.each(plants)("can be planted: $name.", (bug) => {
    const text = read(bug.file);
    expect(planted(text, bug)).toHaveLength(text.length - bug.find.length + bug.put.length);
  });

  it("is refused where its text is not there, or there twice.", () => {
    const bug = { name: "b", file: "core/a.ts", find: "if (x)", put: "if (!x)" };
    expect(planted("a; if (x) b;", bug)).toBe("a; if (!x) b;");
    expect(() => planted("if (y)", bug)).toThrow("holds the text to be replaced 0 times");
    expect(() => planted("if (x) if (x)", bug)).toThrow("holds the text to be replaced 2 times");
  });

  it("grows in a copy, and leaves nothing behind.", () => {
    const [bug] = plants.slice(1);
    if (bug === undefined) throw new Error("there are no plants");
    const before = read(bug.file);
    const garden = plant(bug);
    expect(readFileSync(join(garden.folder, bug.file), "utf8")).toContain(bug.put);
    expect(read(bug.file)).toBe(before);
    garden.remove();
    expect(existsSync(garden.folder)).toBe(false);
  });
});
