// The house rules, each a function from files to complaints. A complaint says where, what, and what
// to write instead. Function lengths rest on Biome's formatting: what a line opens is closed by a
// brace at the same indentation.
import { importsOf, type SourceFile } from "./source.ts";

export type Rule = (files: readonly SourceFile[]) => string[];

export const limits = { line: 100, file: 300, function: 70, constructor: 40 };

const isTest = ({ path }: SourceFile) => path.startsWith("test/");

export const lineLengths: Rule = (files) =>
  files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      // A string that can't be broken, such as a title or a URL, stays whole.
      const unbreakable = /^\s*(["'`].*["'`][,;]?|\/\/ \S+|.*(test|describe)\(.*)$/.test(line);
      if (line.length <= limits.line || unbreakable || isTest({ path, text })) return [];
      return [`${path}:${index + 1}: ${line.length} columns; break the line at ${limits.line}`];
    }),
  );

export const fileLengths: Rule = (files) =>
  files
    .filter((file) => !isTest(file))
    .flatMap(({ path, text }) => {
      const lines = text.split("\n").length - 1;
      return lines > limits.file ? [`${path}: ${lines} lines; split it at ${limits.file}`] : [];
    });

const opener =
  /^(\s*)(?:export |default |async |static |override |private |public )*(?:function\b(?!:)|constructor\(|get |set |#?[A-Za-z]\w*\(.*\)?(?::.*)?\{$|(?:const|let) \w+.*=> \{$)/;

export const functionLengths: Rule = (files) =>
  files.filter((file) => !isTest(file)).flatMap(({ path, text }) => functionsTooLong(path, text));

function functionsTooLong(path: string, text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const match = opener.exec(line);
    if (!match || /^\s*(if|for|while|switch|return|else|try|catch)\b/.test(line)) return [];
    const indent = match[1] ?? "";
    const end = lines.findIndex((other, at) => at > start && closes(other, indent));
    const length = end < 0 ? 1 : end - start + 1;
    const limit = /^\s*constructor\(/.test(line) ? limits.constructor : limits.function;
    if (length <= limit) return [];
    return [`${path}:${start + 1}: ${length} lines in one function; split it at ${limit}`];
  });
}

const closes = (line: string, indent: string): boolean =>
  line.startsWith(`${indent}}`) && !line.startsWith(`${indent}} from`);

/** Folder → what it may import. Own folders by name; packages by prefix. */
const allowed: { readonly [folder: string]: readonly string[] } = {
  core: ["core", "zod"],
  functions: [
    "functions",
    "core",
    "zod",
    "@aws-lambda-powertools/",
    "@types/",
    "aws-lambda",
    "node:",
  ],
  "functions/adapters": [
    "functions",
    "core",
    "zod",
    "@aws-sdk/",
    "@smithy/",
    "@aws-lambda-powertools/",
    "aws-lambda",
    "node:",
  ],
  workflows: ["workflows", "core", "aws-cdk-lib", "constructs"],
  app: ["app", "workflows", "core", "aws-cdk-lib", "constructs", "cdk-nag", "esbuild", "node:"],
  canaries: ["canaries", "core", "functions", "@aws/synthetics-core", "node:"],
  lab: ["lab", "core", "*packages*"],
  // Whatever operators do to AWS goes by one client module.
  operator: ["operator", "core", "zod", "commander", "cli-table3", "picocolors", "node:"],
  "operator/aws": ["operator", "core", "zod", "@aws-sdk/"],
  // What runs in a browser knows the console's contract, and nothing of its server.
  "operator/console/page": [
    ...["operator/console/page", "operator/console/contract.ts", "core", "zod"],
    ...["react", "react-dom", "@cloudscape-design/"],
  ],
  "operator/console": [
    ...["operator", "core", "zod", "hono", "@hono/node-server", "node:"],
    ...["vite", "@vitejs/plugin-react"],
  ],
};
/** Folders inside one with rules of its own, the innermost first. */
const inners = [
  ...["functions/adapters", "operator/aws"],
  ...["operator/console/page", "operator/console"],
];
const onlyInApp = ["aws-cdk-lib", "constructs", "cdk-nag"];

export const importDirections: Rule = (files) =>
  files
    .filter((file) => !isTest(file) && file.path.includes("/"))
    // Commands stand at the edge: they read files, print and exit.
    .filter(({ path }) => !["core/config/check.ts", "core/config/write-schema.ts"].includes(path))
    .flatMap((file) => importsOf(file).flatMap((name) => directionFault(file.path, name)));

function directionFault(path: string, name: string): string[] {
  const inner = inners.find((one) => path.startsWith(`${one}/`));
  const folder = inner ?? path.split("/")[0] ?? "";
  const may = allowed[folder];
  if (!may) return [];
  const own =
    /^[a-z-]+\//.test(name) && !name.startsWith("node:") && allowed[name.split("/")[0] ?? ""];
  const anyPackage =
    may.includes("*packages*") && !own && !onlyInApp.some((p) => name.startsWith(p));
  const named = may.some(
    (prefix) =>
      name === prefix ||
      name.startsWith(prefix.endsWith(":") || prefix.endsWith("/") ? prefix : `${prefix}/`),
  );
  if (named || (anyPackage && !name.startsWith("test/"))) return [];
  return [`${path}: imports ${name}; ${folder} may import ${may.join(", ")}`];
}

export const noCycles: Rule = (files) => {
  const edges = new Map(files.map((file) => [file.path, runtimeImports(file)]));
  const done = new Set<string>();
  const complaints: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      complaints.push(`import cycle: ${circle.join(" → ")}; move the shared part to its own file`);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return complaints;
};

/** Types vanish: only imports that exist at run time can make a cycle that breaks something. */
function runtimeImports(file: SourceFile): string[] {
  const text = file.text.replace(/import type [\s\S]*?from ["'][^"']+["'];/g, "");
  return importsOf({ ...file, text });
}

const banned: readonly {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly in?: RegExp;
}[] = [
  { pattern: /\bas any\b/, instead: "parse it with zod" },
  { pattern: /JSON\.parse\([^)]*\) as /, instead: "parse it with zod" },
  { pattern: /\bMath\.random\(/, instead: "the lab's seeded Random, or crypto at the edge" },
  { pattern: /\bDate\.now\(|new Date\(\)/, instead: "take `now` as an argument", in: /^core\// },
  { pattern: /\bDate\.now\(|\bMath\.random\b/, instead: "lab.clock.now()", in: /^lab\// },
  { pattern: /\bprocess\.env\b/, instead: "functions/env.ts", in: /^functions\/(?!env\.ts)/ },
  {
    pattern: /\bconsole\.(log|error)\(/,
    instead: "the logger, or process.stdout in a command",
    in: /^(core|functions|workflows)\/(?!config\/)/,
  },
  {
    pattern: /registry\.npmjs|deb\.debian\.org|\/work\//,
    instead: "nothing: no hosts or local paths",
  },
  { pattern: /^@[A-Z]+@$/, instead: "what belongs there" },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, instead: "do it, or say it in docs" },
  { pattern: /\b(test|it|describe)\.(only|skip)\(/, instead: "a test that runs", in: /^test\// },
  { pattern: /\bvi\.mock\(/, instead: "pass a fake as an argument", in: /^test\// },
];

export const bannedStrings: Rule = (files) =>
  files
    .filter(({ path }) => !path.startsWith("test/tidy"))
    .flatMap(({ path, text }) =>
      banned
        .filter(({ in: where }) => !where || where.test(path))
        .flatMap(({ pattern, instead }) => {
          const line = text.split("\n").findIndex((one) => pattern.test(one));
          if (line < 0) return [];
          return [`${path}:${line + 1}: ${String(pattern)} is banned; write ${instead}`];
        }),
    );

const vague = /(^|[/-])(utils?|helpers?|common|misc|manager)([-.]|\/|$)/;

export const fileNames: Rule = (files) =>
  files.flatMap(({ path }) => {
    const name = path.split("/").at(-1) ?? "";
    const kebab =
      /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name) || /^[A-Z]+\.md$/.test(name);
    const complaints = kebab ? [] : [`${path}: file names are kebab-case`];
    return vague.test(path)
      ? [...complaints, `${path}: says nothing; name what it holds`]
      : complaints;
  });

export const openingComments: Rule = (files) =>
  files
    .filter((file) => !isTest(file) && !file.path.endsWith(".d.ts"))
    .filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(text))
    .map(({ path }) => `${path}: opens without a comment that says its job`);

/** Files that a command, a bundle or a reader starts at. */
const entries = [
  /\/handler\.ts$/,
  /^app\/main\.ts$/,
  /^lab\/(drill|(baseline|deploy|hunter|many)\/main)\.ts$/,
  /^canaries\//,
  /^operator\/console\/page\/main\.tsx$/,
  /\.config\.ts$/,
  /\.d\.ts$/,
];

export const nobodyImports =
  (scripts: string): Rule =>
  (files) => {
    const imported = new Set(files.flatMap(importsOf));
    return files
      .filter((file) => !isTest(file) && file.path.includes("/"))
      .filter(({ path }) => !imported.has(path) && !scripts.includes(path))
      .filter(({ path }) => !entries.some((entry) => entry.test(path)))
      .map(({ path }) => `${path}: nobody imports it; delete it, or use it`);
  };
