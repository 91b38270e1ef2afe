// The one place that reads the environment. A function is given its whole configuration as JSON,
// checked at synthesis and parsed again here, so that a hand-edited variable fails at the first
// call and by name. Read at each call, since a test or an operator may change a variable; parsed
// once per text.
import * as z from "zod";
import { type Config, configSchema, type Region } from "../core/config/schema.ts";

export interface Environment {
  readonly config: Config;
  /** Where this function runs. */
  readonly region: Region;
  readonly functionName: string;
  /** Deployed name of the function behind the API, where evidence of it is gathered. */
  readonly apiFunction: string | null;
  /** What GET /health answers; only an operator's drill sets it. */
  readonly healthStatus: number;
}

const variables = z.object({
  SWITCHBACK_CONFIG: z.string(),
  AWS_REGION: z.string(),
  AWS_LAMBDA_FUNCTION_NAME: z.string().default("local"),
  API_FUNCTION: z.string().optional(),
  // Who sets it back may also empty it: that must not take the whole API down.
  HEALTH_STATUS: z.preprocess(
    (text) => (text === "" ? undefined : text),
    z.coerce.number().int().min(200).max(599).default(200),
  ),
});

const parsed = new Map<string, Config>();

export function environment(): Environment {
  const read = variables.parse(process.env);
  const config = parsed.get(read.SWITCHBACK_CONFIG) ?? parseConfig(read.SWITCHBACK_CONFIG);
  return {
    config,
    region: read.AWS_REGION,
    functionName: read.AWS_LAMBDA_FUNCTION_NAME,
    apiFunction: read.API_FUNCTION ?? null,
    healthStatus: read.HEALTH_STATUS,
  };
}

function parseConfig(text: string): Config {
  const config = configSchema.parse(JSON.parse(text));
  parsed.set(text, config);
  return config;
}

const secrets = z.object({
  AWS_ACCESS_KEY_ID: z.string(),
  AWS_SECRET_ACCESS_KEY: z.string(),
  AWS_SESSION_TOKEN: z.string().optional(),
});

/** The function's own credentials, which the runtime renews in place: read for each use. */
export function credentials() {
  const read = secrets.parse(process.env);
  return {
    accessKeyId: read.AWS_ACCESS_KEY_ID,
    secretAccessKey: read.AWS_SECRET_ACCESS_KEY,
    ...(read.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: read.AWS_SESSION_TOKEN }),
  };
}
