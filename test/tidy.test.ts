import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../lab/deploy/project-root.ts";
import { regionCodes, uselessExceptions } from "./tidy/region-codes.ts";
import {
  bannedStrings,
  fileLengths,
  fileNames,
  functionLengths,
  importDirections,
  lineLengths,
  nobodyImports,
  noCycles,
  openingComments,
} from "./tidy/rules.ts";
import { projectFiles } from "./tidy/source.ts";

const code = projectFiles(".ts", ".tsx");
const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

describe("the project keeps its own rules:", () => {
  test("lines, files and functions stay within their sizes", () => {
    expect([...lineLengths(code), ...fileLengths(code), ...functionLengths(code)]).toEqual([]);
  });

  test("imports point where the design lets them, without cycles", () => {
    expect([...importDirections(code), ...noCycles(code)]).toEqual([]);
  });

  test("no banned string is left in code or docs", () => {
    expect(bannedStrings([...code, ...projectFiles(".md", ".json", ".yml")])).toEqual([]);
  });

  test("no Region is hard-coded, but for the facts about Regions that are named with a reason", () => {
    expect(regionCodes(code)).toEqual([]);
    expect(uselessExceptions(code)).toEqual([]);
  });

  test("files have telling names and open with what they are for", () => {
    expect([...fileNames(code), ...openingComments(code)]).toEqual([]);
  });

  test("no file is there that nobody uses", () => {
    expect(nobodyImports(read("package.json"))(code)).toEqual([]);
  });

  test("the layout in the README is the real one", () => {
    const told = [...read("README.md").matchAll(/^([a-z]+)\/ {2,}/gm)].map(([, name]) => name);
    const real = readdirSync(projectRoot)
      .filter((name) => statSync(join(projectRoot, name)).isDirectory())
      .filter((name) => !name.startsWith(".") && !["node_modules", "cdk.out"].includes(name));
    expect(told.sort()).toEqual(real.sort());
  });
});

describe("each rule of tidiness finds what it is for:", () => {
  const file = (path: string, text: string) => [{ path, text }];
  const body = (lines: number) => Array.from({ length: lines }, () => "  a();").join("\n");

  test("a line of 101 columns", () => {
    expect(lineLengths(file("core/a.ts", `const a = ${"b".repeat(90)};`))).toEqual([
      "core/a.ts:1: 101 columns; break the line at 100",
    ]);
  });

  test("a file of 301 lines", () => {
    expect(fileLengths(file("core/a.ts", "a;\n".repeat(301)))).toEqual([
      "core/a.ts: 301 lines; split it at 300",
    ]);
  });

  test("a function of 71 lines, and a constructor of 41", () => {
    expect(functionLengths(file("core/a.ts", `function a() {\n${body(69)}\n}`))).toEqual([
      "core/a.ts:1: 71 lines in one function; split it at 70",
    ]);
    expect(functionLengths(file("app/a.ts", `  constructor() {\n${body(39)}\n  }`))).toEqual([
      "app/a.ts:1: 41 lines in one function; split it at 40",
    ]);
  });

  test("a Region's code outside comments", () => {
    const line = (text: string) => regionCodes(file("app/a.ts", text));
    expect(line('const home = "eu-south-2";')).toEqual([
      "app/a.ts:1: eu-south-2 is hard-coded; take it from the configuration",
    ]);
    expect(line('const url = "https://sns.ap-southeast-1.amazonaws.com"; // there')).toHaveLength(
      1,
    );
    expect(line("// us-east-1 is where the control plane is")).toEqual([]);
    expect(line("  * as in us-east-1")).toEqual([]);
    expect(line("const a = 1; // not us-east-1")).toEqual([]);
    expect(regionCodes(file("test/a.ts", 'const home = "eu-south-2";'))).toEqual([]);
    expect(regionCodes(file("lab/aws-calls.ts", 'const a = "us-west-2";'))).toHaveLength(1);
  });

  test("an import against the design's direction", () => {
    expect(importDirections(file("core/a.ts", 'import { b } from "../lab/b.ts";'))).toEqual([
      "core/a.ts: imports lab/b.ts; core may import core, zod",
    ]);
    expect(
      importDirections(file("lab/a.ts", 'import { b } from "../functions/b.ts";')),
    ).toHaveLength(1);
    expect(
      importDirections(file("functions/x/a.ts", 'import "@aws-sdk/client-sfn";')),
    ).toHaveLength(1);
    expect(
      importDirections(file("functions/adapters/a.ts", 'import "@aws-sdk/client-sfn";')),
    ).toEqual([]);
    expect(importDirections(file("operator/a.ts", 'import "@aws-sdk/client-sfn";'))).toHaveLength(
      1,
    );
    expect(importDirections(file("operator/aws/a.ts", 'import "@aws-sdk/client-sfn";'))).toEqual(
      [],
    );
    const onPage = (name: string) =>
      importDirections(file("operator/console/page/a.tsx", `import "${name}";`));
    expect(onPage("../contract.ts")).toEqual([]);
    expect(onPage("../secrets.ts")).toHaveLength(1);
    expect(onPage("../../aws/clients.ts")).toHaveLength(1);
    expect(onPage("node:fs")).toHaveLength(1);
  });

  test("an import cycle", () => {
    const files = [
      { path: "core/a.ts", text: 'import { b } from "./b.ts";' },
      { path: "core/b.ts", text: 'import { a } from "./a.ts";' },
    ];
    expect(noCycles(files)).toEqual([
      "import cycle: core/a.ts → core/b.ts → core/a.ts; move the shared part to its own file",
    ]);
  });

  test("a banned string, with what to write instead", () => {
    expect(bannedStrings(file("core/a.ts", "const a = Date.now();"))).toEqual([
      "core/a.ts:1: /\\bDate\\.now\\(|new Date\\(\\)/ is banned; write take `now` as an argument",
    ]);
  });

  test("a name that says nothing, and a file without an opening comment", () => {
    expect(fileNames(file("core/string-utils.ts", ""))).toEqual([
      "core/string-utils.ts: says nothing; name what it holds",
    ]);
    expect(openingComments(file("core/a.ts", "export const a = 1;"))).toHaveLength(1);
  });

  test("a file that nobody imports", () => {
    expect(nobodyImports("")(file("core/a.ts", ""))).toEqual([
      "core/a.ts: nobody imports it; delete it, or use it",
    ]);
  });
});
