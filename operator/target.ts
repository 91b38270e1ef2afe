// Which deployment a command speaks to: the live lab that `.switchback/lab.json` tells of, if its
// process lives, or AWS. A stale file never passes for a lab, and the target is always said.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigRefused, checkedConfig } from "../core/config/load.ts";
import type { Config } from "../core/config/schema.ts";
import type { Connection } from "./aws/clients.ts";
import { type Target, WrongCall } from "./desk.ts";

export interface TargetOptions {
  readonly target?: string | undefined;
  readonly profile?: string | undefined;
  readonly config?: string | undefined;
  /** Where a live lab says that it lives; left out: `.switchback/lab.json`. */
  readonly labFile?: string | undefined;
}

export interface Surroundings {
  /** The folder that holds `.switchback`, and that paths rest on. */
  readonly folder: string;
  isAlive(pid: number): boolean;
}

export interface FoundTarget {
  readonly config: Config;
  readonly connection: Connection;
  readonly target: Target;
  /** The lab's own controls; null: AWS, or a lab that has none. */
  readonly control: LabControl | null;
}

export interface LabControl {
  readonly url: string;
  readonly token: string;
}

const credentialsSchema = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().optional(),
});
const labSchema = z.object({
  pid: z.int(),
  speed: z.number(),
  awsEndpoint: z.string(),
  credentials: credentialsSchema.nullish(),
  roles: z.record(z.string(), credentialsSchema).default({}),
  /** The configuration that the lab deployed, or where it is. */
  config: z.union([z.string(), z.record(z.string(), z.unknown())]),
  control: z.object({ url: z.string(), token: z.string() }).nullish(),
});
type LabFile = z.output<typeof labSchema>;

const labFileName = join(".switchback", "lab.json");
const defaultConfig = "switchback.config.json";

/** Throws WrongCall. */
export function findTarget(options: TargetOptions, around: Surroundings): FoundTarget {
  const { target } = options;
  if (target !== undefined && target !== "lab" && target !== "aws") {
    throw new WrongCall(`--target is lab or aws, not ${target}.`);
  }
  if (target === "aws") return awsTarget(options, around);
  const lab = livingLab(options, around);
  if (lab !== null) return labTarget(lab, options, around);
  if (target === "lab") {
    throw new WrongCall(`No live lab is running (${labFileName}): start one with npm run lab.`);
  }
  return awsTarget(options, around, "; no live lab runs here");
}

function livingLab({ labFile }: TargetOptions, around: Surroundings): LabFile | null {
  const { folder, isAlive } = around;
  const file = labFile ?? join(folder, labFileName);
  if (!existsSync(file)) return null;
  const lab = labSchema.safeParse(parsedJson(file)).data;
  return lab !== undefined && isAlive(lab.pid) ? lab : null;
}

function labTarget(lab: LabFile, options: TargetOptions, around: Surroundings): FoundTarget {
  const { profile } = options;
  const { awsEndpoint: endpoint, roles, speed, pid } = lab;
  const credentials = profile === undefined ? lab.credentials : roles[profile];
  if (profile !== undefined && credentials === undefined) {
    throw new WrongCall(
      `--profile in the lab is ${Object.keys(roles).join(", ")}, not ${profile}.`,
    );
  }
  const given = options.config ?? lab.config;
  const whose = profile === undefined ? "" : `, as its ${profile}`;
  return {
    config: typeof given === "string" ? configFile(given, around) : checked(given, labFileName),
    connection: {
      endpoint,
      credentials: {
        accessKeyId: credentials?.accessKeyId ?? "lab",
        secretAccessKey: credentials?.secretAccessKey ?? "lab",
        ...(credentials?.sessionToken == null ? {} : { sessionToken: credentials.sessionToken }),
      },
    },
    target: { kind: "lab", words: `the live lab (process ${pid}, speed ${speed}${whose})` },
    control: lab.control ?? null,
  };
}

/** `besides`: why AWS is meant, where nobody named it. */
function awsTarget(options: TargetOptions, around: Surroundings, besides = ""): FoundTarget {
  const { profile, config } = options;
  const whose = profile === undefined ? "your default credentials" : `profile ${profile}`;
  return {
    config: configFile(config ?? defaultConfig, around),
    connection: profile === undefined ? {} : { profile },
    target: { kind: "aws", words: `AWS (${whose}${besides})` },
    control: null,
  };
}

function configFile(path: string, { folder }: Surroundings): Config {
  const file = resolve(folder, path);
  if (!existsSync(file)) {
    throw new WrongCall(`There is no ${path} in ${dirname(file)}: name one with --config.`);
  }
  return checked(readFileSync(file, "utf8"), path);
}

function checked(input: unknown, from: string): Config {
  try {
    return checkedConfig(input);
  } catch (error) {
    if (error instanceof ConfigRefused)
      throw new WrongCall(`${from} is refused:\n${error.message}`);
    throw error;
  }
}

function parsedJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
