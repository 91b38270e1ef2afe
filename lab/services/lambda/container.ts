// One container of a function: the bundle evaluated with globals of its own, one request at a
// time, frozen in between. Also what a canary runs in: whoever holds an identity, an environment
// and a bundle can have a container.
import type { Region } from "../../../core/config/schema.ts";
import type { Credentials } from "../../access-keys.ts";
import type { AwsCalls } from "../../aws-calls.ts";
import { timersOn } from "../../global-timers.ts";
import type { Internet } from "../../internet.ts";
import type { Lab, Principal } from "../../kernel.ts";
import type { Evaluate, Globals } from "./bundle.ts";
import { Gate } from "./gate.ts";
import { labCrypto, shadow } from "./lab-crypto.ts";
import { dateThatReads } from "./lab-date.ts";
import { labDns } from "./lab-dns.ts";
import { labHttps } from "./lab-https.ts";
import { type Environment, labProcess } from "./lab-process.ts";
import { requireFor, type Shims } from "./modules.ts";

/** What of the lab a container reaches. `lab`'s members are looked up when they are used, so that
 * it may still be incomplete when the first container is made. */
export interface ContainerPorts {
  readonly lab: Pick<
    Lab,
    "clock" | "clocks" | "random" | "network" | "web" | "nameServers" | "resolverIn" | "log"
  >;
  readonly calls: Pick<AwsCalls, "call">;
  readonly internet: Internet;
}

export interface ContainerSettings {
  readonly region: Region;
  readonly principal: Principal;
  readonly credentials: Credentials;
  /** Variables besides those of the credentials and the Region. */
  readonly env: Environment;
  /** Stream of chance for what the code draws. */
  readonly stream: string;
  readonly line: (text: string) => void;
  /** Modules that only this kind of container has, e.g. the Synthetics runtime. */
  readonly shims?: Shims;
}

export class Container {
  readonly gate = new Gate();
  /** ms since 1970 of the end of the last invocation. */
  idleSince = 0;
  readonly #globals: Globals;
  readonly #require: (name: string) => unknown;

  constructor(ports: ContainerPorts, settings: ContainerSettings) {
    const { lab } = ports;
    const { region, principal, credentials, line } = settings;
    const own = labProcess({ clock: lab.clock, env: environmentOf(settings), line });
    const crypto = labCrypto(lab.random, settings.stream);
    const network = { lab, internet: ports.internet, region, gate: this.gate };
    const dns = labDns(network);
    const shims: Shims = {
      https: labHttps(network),
      dns: dns.callbacks,
      "dns/promises": dns.promises,
      crypto: crypto.module,
      process: own.process,
      perf_hooks: { performance: own.performance },
      ...settings.shims,
    };
    const from = { region };
    const identity = { clock: lab.clock, calls: ports.calls, principal, credentials, from };
    const hold = <T>(promise: Promise<T>) => this.gate.hold(promise);
    this.#require = requireFor(shims, { ...identity, hold });
    this.#globals = globalsFor(ports, settings.stream, this.gate, {
      ...own,
      Date: dateThatReads(() => Math.floor(lab.clocks.now(region))),
      crypto: crypto.global,
    });
  }

  /** Evaluates the bundle; answers what it exports. Throws what it throws. */
  load(evaluate: Evaluate): unknown {
    return evaluate(this.#globals, this.#require);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (runtime variables). */
function environmentOf({ env, region, credentials }: ContainerSettings): Environment {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: "/var/task",
    TZ: ":UTC",
    ...env,
  };
}

interface Own {
  readonly process: object;
  readonly console: object;
  readonly performance: object;
  readonly crypto: object;
  readonly Date: object;
}

function globalsFor({ lab }: ContainerPorts, stream: string, gate: Gate, own: Own): Globals {
  const clock = {
    after: (milliseconds: number, run: () => void) =>
      lab.clock.after(milliseconds, () => gate.deliver(run)),
  };
  const timers = timersOn(clock);
  const names = {
    ...own,
    ...timers,
    Math: shadow(Math, { random: () => lab.random.next(stream) }),
    fetch: () => {
      throw new Error("The lab does not model fetch for functions.");
    },
    AbortSignal: abortSignalOn(timers.setTimeout),
    setImmediate: (run: () => void) => timers.setTimeout(run, 1),
    clearImmediate: timers.clearTimeout,
  };
  const globals = shadow(globalThis, names);
  return { ...names, globalThis: globals, global: globals };
}

/** AbortSignal whose timeout() runs on the container's timers; instanceof as ever. */
function abortSignalOn(setTimeout: (run: () => void, delay: number) => unknown): object {
  return shadow(AbortSignal, {
    timeout(milliseconds: number): AbortSignal {
      const controller = new AbortController();
      const late = new DOMException("The operation was aborted due to timeout", "TimeoutError");
      setTimeout(() => controller.abort(late), milliseconds);
      return controller.signal;
    },
    [Symbol.hasInstance]: (value: unknown) => value instanceof AbortSignal,
  });
}
