// What went wrong with a call to AWS, in words that say what to do. The kind tells callers apart
// what concerns one Region (it may be gone) from what concerns the operator (credentials, rights).
import type { Region } from "../../core/config/schema.ts";

export type FaultKind = "unreachable" | "credentials" | "permission" | "missing" | "refused";

/** A call to `region` failed; the message is for people. */
export class AwsFault extends Error {
  override readonly name = "AwsFault";
  readonly kind: FaultKind;
  readonly region: Region;
  /** The error's name as AWS says it. */
  readonly code: string;
  constructor(kind: FaultKind, region: Region, code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.region = region;
    this.code = code;
  }
}

const expired = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
const wrongKey = [
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "InvalidAccessKeyId",
  "IncompleteSignature",
  "MissingAuthenticationToken",
];
const none = ["CredentialsProviderError", "TokenProviderError"];
const denied = ["AccessDenied", "AccessDeniedException", "AuthorizationError"];
const missing = [
  "ResourceNotFoundException",
  "StateMachineDoesNotExist",
  "ExecutionDoesNotExist",
  "NoSuchHealthCheck",
];
const silent = [
  ...["TimeoutError", "AbortError", "NetworkingError"],
  ...["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
];

/** `seconds`: how long the call was given. */
export function awsFault(error: unknown, region: Region, seconds: number): AwsFault {
  if (error instanceof AwsFault) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const fault = (kind: FaultKind, words: string) => new AwsFault(kind, region, code, words, error);
  if (silent.includes(code)) return fault("unreachable", `${region} did not answer (${seconds} s)`);
  if (expired.includes(code)) {
    return fault("credentials", "Your credentials have expired: sign in again, then repeat.");
  }
  // A profile's own sign-in, such as IAM Identity Center's, ends by the same name.
  if (none.includes(code) && /expired|refresh/i.test(message)) {
    return fault("credentials", `Your sign-in has expired: ${message}`);
  }
  if (none.includes(code)) {
    return fault("credentials", "No AWS credentials were found: sign in, or name a --profile.");
  }
  if (wrongKey.includes(code)) {
    return fault(
      "credentials",
      `${region} does not know your access key (${code}): check --profile and --target, and ` +
        "that the account has that Region enabled.",
    );
  }
  if (denied.includes(code)) {
    return fault(
      "permission",
      `${region} does not permit it: ${sentence(message)} Ask for that permission, or use another --profile.`,
    );
  }
  if (missing.includes(code)) {
    return fault(
      "missing",
      `${region} has no such thing: ${sentence(message)} Check the name, --config, --profile and --target.`,
    );
  }
  return fault("refused", `${region} refused: ${code}: ${message}`);
}

/** AWS ends some of its messages with a full stop. */
const sentence = (message: string) => message.replace(/\.?$/, ".");

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "Error";
  if ("code" in error && typeof error.code === "string" && error.name === "Error") {
    return error.code;
  }
  return error.name;
}
