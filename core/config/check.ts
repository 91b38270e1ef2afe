// npm run config:check [-- FILE]: says offline whether a configuration is accepted, and what its
// objectives are up against. A command, not part of the pure core: nothing imports it.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Estimate, grayFailure, hardOutage, lossWindow } from "./detection.ts";
import { faultLine, type ParsedConfig, parseConfig } from "./load.ts";

const usage = `Usage: npm run config:check [-- [FILE] [--json] [--help]]

Checks a configuration (switchback.config.json by default) without network or account.
Prints every fault at once, by JSON path; or warnings and the arithmetic of its objectives.
Exit status: 0 accepted, 2 refused, or the call is wrong.`;

type Call = { readonly file: string; readonly json: boolean; readonly help: boolean };

function callOf(args: string[]): Call | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    if (positionals.length > 1) return "One FILE at a time.";
    const [file = "switchback.config.json"] = positionals;
    return { file, json: values.json ?? false, help: values.help ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function read(file: string): ParsedConfig {
  try {
    return parseConfig(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, faults: [{ path: "$", message: `can't be read: ${why}` }] };
  }
}

const lines = (title: string, { terms, seconds }: Estimate): string[] => [
  `  ${title}: ${seconds} s`,
  ...terms.map((term) => `    ${String(term.seconds).padStart(4)} s  ${term.label}`),
];

function inWords(file: string, parsed: ParsedConfig): string[] {
  if (!parsed.ok) {
    const count = parsed.faults.length === 1 ? "1 fault" : `${parsed.faults.length} faults`;
    return [`${file}: refused, ${count}`, ...parsed.faults.map((f) => `  ${faultLine(f)}`)];
  }
  const { config, warnings } = parsed;
  const outage = hardOutage(config);
  return [
    `${file}: accepted`,
    ...warnings.map((warning) => `  warning: ${faultLine(warning)}`),
    "",
    `Hard outage, worst case: ${outage.seconds} s, the slower of two paths ` +
      `(objectives.rtoSeconds: ${config.objectives.rtoSeconds})`,
    ...lines("the target accepts writes", outage.writes),
    ...lines("clients have the target's answer", outage.answers),
    "",
    "Gray failure (/health stays green), worst case; for information",
    ...lines("clients have the target's answer", grayFailure(config)),
    "",
    `Loss window of a hard outage, worst case (objectives.rpoSeconds: ` +
      `${config.objectives.rpoSeconds})`,
    ...lines("acknowledged writes that may be missing", lossWindow(config)),
  ];
}

function asJson(file: string, parsed: ParsedConfig): string {
  if (!parsed.ok) return JSON.stringify({ file, ...parsed }, null, 2);
  const { config, warnings } = parsed;
  const estimates = {
    hardOutage: hardOutage(config),
    grayFailure: grayFailure(config),
    lossWindow: lossWindow(config),
  };
  return JSON.stringify({ file, ok: true, warnings, estimates }, null, 2);
}

function main(args: string[]): number {
  const call = callOf(args);
  if (typeof call === "string") {
    console.error(`${call}\n\n${usage}`);
    return 2;
  }
  if (call.help) {
    console.log(usage);
    return 0;
  }
  const parsed = read(call.file);
  if (call.json) console.log(asJson(call.file, parsed));
  else if (parsed.ok) console.log(inWords(call.file, parsed).join("\n"));
  else console.error(inWords(call.file, parsed).join("\n"));
  return parsed.ok ? 0 : 2;
}

process.exitCode = main(process.argv.slice(2));
