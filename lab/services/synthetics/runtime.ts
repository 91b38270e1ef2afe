// The library that the canary runtime syn-nodejs-3.1 provides to scripts, as far as ours uses it:
// steps. Whatever else a script touches is refused by name. Source: "Library functions for Node.js
// canary scripts", executeStep: a failed step throws, and gives its own metrics.
import type { Clock } from "../../kernel.ts";

export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly milliseconds: number;
}

/** Module "@aws/synthetics-core"; each step that ended is told to `record`. */
export function syntheticsCore(
  clock: Pick<Clock, "now">,
  record: (result: StepResult) => void,
): object {
  const executeStep = async (name: string, run: () => unknown): Promise<unknown> => {
    const started = clock.now();
    const end = (passed: boolean) => record({ name, passed, milliseconds: clock.now() - started });
    try {
      const result = await run();
      end(true);
      return result;
    } catch (failure) {
      end(false);
      throw failure;
    }
  };
  return { __esModule: true, synthetics: onlyThese("synthetics", { executeStep }) };
}

function onlyThese<T extends object>(what: string, members: T): T {
  return new Proxy(members, {
    get(target, name, receiver) {
      if (!(name in target)) throw new Error(`The lab does not model ${what}.${String(name)}.`);
      return Reflect.get(target, name, receiver);
    },
  });
}
