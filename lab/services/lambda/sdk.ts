// The real AWS SDK, as a container gets it: its clients are constructed with the container's
// credentials and a request handler that leads into the lab. Region, attempts and timeouts stay
// the caller's.
import { createRequire } from "node:module";
import { z } from "zod";
import type { Credentials } from "../../access-keys.ts";
import type { AwsCalls } from "../../aws-calls.ts";
import type { Clock, Place, Principal, Random } from "../../kernel.ts";
import { sdkRequestHandler, timeoutsOf } from "../../sdk-request-handler.ts";

export interface SdkIdentity {
  readonly clock: Pick<Clock, "after" | "now">;
  readonly calls: Pick<AwsCalls, "call">;
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly from: Place;
  /** How an answer reaches the caller: a frozen container gets it later. */
  hold<T>(promise: Promise<T>): Promise<T>;
}

const requireHere = createRequire(import.meta.url);
const moduleSchema = z.record(z.string(), z.unknown());
const settingsSchema = z.object({ requestHandler: z.unknown().optional() }).loose();

/** The SDK's module with each client class bound to that identity; the other exports as they are.
 * Throws what `require` throws for a package that is not there. */
export function sdkModule(name: string, identity: SdkIdentity): object {
  const real: unknown = requireHere(name);
  if (typeof real !== "object" || real === null) throw new Error(`${name} exports nothing`);
  // lib-dynamodb wraps a client that was made here already.
  if (!name.startsWith("@aws-sdk/client-")) return real;
  const bound: { [name: string]: { value: unknown; enumerable: true } } = {};
  for (const [exported, value] of clientClasses(name, real)) {
    bound[exported] = { value: boundClient(value, identity), enumerable: true };
  }
  return Object.create(real, bound);
}

type Constructor = (this: unknown, ...args: never) => unknown;
const classesOf = new Map<string, [string, Constructor][]>();

/** A client class is what can send and be destroyed. */
function clientClasses(name: string, module: object): [string, Constructor][] {
  const known = classesOf.get(name);
  if (known !== undefined) return known;
  const found: [string, Constructor][] = [];
  for (const [exported, value] of Object.entries(moduleSchema.parse({ ...module }))) {
    if (isClientClass(value)) found.push([exported, value]);
  }
  classesOf.set(name, found);
  return found;
}

function isClientClass(value: unknown): value is Constructor {
  if (typeof value !== "function") return false;
  const methods: unknown = value.prototype;
  if (typeof methods !== "object" || methods === null) return false;
  return "send" in methods && "destroy" in methods;
}

/** Steps of a call whose outcome nobody in the lab reads: user agent, trace, Host and
 * Content-Length headers, and a log that goes nowhere. */
const unread = [
  "getUserAgentMiddleware",
  "recursionDetectionMiddleware",
  "hostHeaderMiddleware",
  "contentLengthMiddleware",
  "loggerMiddleware",
];
type Signer = (scheme: unknown) => Promise<unknown>;
const clientSchema = z.object({
  config: z.custom<{ signer: Signer; credentials: unknown; serviceId: string }>(isObject),
  middlewareStack: z.custom<{ remove(name: string): boolean }>(isObject),
});

/** Nearly half of what a call costs: those steps, and a signer that the SDK makes anew for each
 * call from a copy of its whole configuration, although it is always the same. */
function lighten(client: object): void {
  const { config, middlewareStack } = clientSchema.parse(client);
  for (const name of unread) {
    // S3's client itself looks for the length, and warns where there is none.
    if (config.serviceId === "S3" && name === "contentLengthMiddleware") continue;
    middlewareStack.remove(name);
  }
  const makeSigner = config.signer;
  let signer: Promise<unknown> | null = null;
  config.signer = (scheme) => {
    signer ??= makeSigner(scheme);
    return signer;
  };
  makeQuickToCopy(config);
}

/** The SDK copies its configuration three times a call. V8 stores it as a hash table, which takes
 * ten times as long to copy as an object without accessors that has served as a prototype. */
function makeQuickToCopy(config: { credentials: unknown }): void {
  const { credentials: value } = config;
  const plain = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(config, "credentials", plain);
  const heir: { credentials?: unknown } = Object.create(config);
  for (let reads = 0; reads < 10; reads += 1) void heir.credentials;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function boundClient(client: Constructor, identity: SdkIdentity): Constructor {
  return new Proxy(client, {
    construct(target, [given], newTarget) {
      const settings = settingsSchema.parse(given ?? {});
      const made: object = Reflect.construct(
        target,
        [{ ...settings, ...labSettings(settings, identity) }],
        newTarget,
      );
      lighten(made);
      return made;
    },
  });
}

function labSettings(settings: { requestHandler?: unknown }, identity: SdkIdentity) {
  const timeouts = timeoutsOf(settings.requestHandler);
  const handler = sdkRequestHandler({ ...identity, timeouts });
  return {
    credentials: identity.credentials,
    requestHandler: {
      ...handler,
      handle: (...args: Parameters<typeof handler.handle>) =>
        identity.hold(handler.handle(...args)),
    },
    signerConstructor: signerFor(identity),
  };
}

/** Names key, Region and service as SigV4 does, without the four hashes: nobody in the lab could
 * forge them, and they are a fifth of a call's cost. The SDK's own signer keeps keys for the whole
 * process, so that a lab before this one would decide which of two calls leaves first. */
export function signerFor({ clock, credentials }: Pick<SdkIdentity, "clock" | "credentials">) {
  return class {
    readonly #scope: string;

    /** The SDK hands over both as texts, although its types would allow more. */
    constructor(settings: { region: unknown; service: string }) {
      this.#scope = `${settings.region}/${settings.service}/aws4_request`;
    }

    async sign<R extends { headers: { [name: string]: string } }>(request: R): Promise<R> {
      const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "");
      const key = `${credentials.accessKeyId}/${day}/${this.#scope}`;
      const parts = [`AWS4-HMAC-SHA256 Credential=${key}`, "SignedHeaders=host", "Signature=lab"];
      request.headers.authorization = parts.join(", ");
      return request;
    }
  };
}

const interceptorSchema = z.object({
  externalDataInterceptor: z.object({
    interceptFile: z.custom<(path: string, contents: string) => void>(
      (value) => typeof value === "function",
    ),
  }),
});

/** Takes from the SDK what it would read of this machine, and the chance that its retries wait by.
 * For the whole process: there is one lab in it. */
export function isolateSdk(random: Pick<Random, "next">): void {
  Object.assign(Math, { random: () => random.next("process") });
  hideMachineFromSdk();
}

/** Settings in AWS_ variables, and the shared configuration files, whose reading would also be
 * invisible to the lab's clock: time would go on while the disk is still read. */
export function hideMachineFromSdk(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AWS_")) delete process.env[name];
  }
  // The SDK's note that it will want Node 22 some day, on every run's standard error.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const requireAsSdk = createRequire(requireHere.resolve("@aws-sdk/client-dynamodb"));
  const { externalDataInterceptor } = interceptorSchema.parse(requireAsSdk("@smithy/core/config"));
  for (const variable of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) {
    process.env[variable] = "/lab/no-such-file";
    externalDataInterceptor.interceptFile("/lab/no-such-file", "");
  }
}
