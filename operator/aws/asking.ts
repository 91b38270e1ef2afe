// Asking Regions side by side, each for a few seconds: one of them may be gone, and its silence is
// an answer too. What did not answer is unknown, never a default.
import type { Region } from "../../core/config/schema.ts";
import { type AwsFault, awsFault } from "./faults.ts";

export const askSeconds = 3;

export type Told<T> =
  | { readonly region: Region; readonly ok: true; readonly value: T }
  | { readonly region: Region; readonly ok: false; readonly fault: AwsFault };

/** What every SDK call takes as its second argument. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** Fails with an AwsFault, at the latest after so many seconds. */
export async function within<T>(
  region: Region,
  call: (options: CallOptions) => Promise<T>,
  seconds: number = askSeconds,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(Object.assign(new Error("no answer"), { name: "TimeoutError" }));
    }, seconds * 1_000);
  });
  try {
    return await Promise.race([call({ abortSignal: controller.signal }), late]);
  } catch (error) {
    throw awsFault(error, region, seconds);
  } finally {
    clearTimeout(timer);
  }
}

/** `call` bounds itself; nothing that it throws gets out. */
export function askAll<T>(
  regions: readonly Region[],
  call: (region: Region) => Promise<T>,
): Promise<Told<T>[]> {
  return Promise.all(
    regions.map(async (region): Promise<Told<T>> => {
      try {
        return { region, ok: true, value: await call(region) };
      } catch (error) {
        return { region, ok: false, fault: awsFault(error, region, askSeconds) };
      }
    }),
  );
}

/** The fastest Region's answer, all asked at once; throws what says most where nobody answered.
 * Only for reads: each of them may be carried out. */
export async function firstOf<T>(
  regions: readonly Region[],
  call: (region: Region) => Promise<T>,
): Promise<T> {
  const faults: AwsFault[] = [];
  const asked = regions.map((region) =>
    call(region).catch((error: unknown) => {
      const fault = awsFault(error, region, askSeconds);
      faults.push(fault);
      throw fault;
    }),
  );
  return await Promise.any(asked).catch(() => {
    throw mostTelling(faults);
  });
}

/** A refusal says more than a silence. */
export function mostTelling(faults: readonly AwsFault[]): Error {
  const telling = faults.find(({ kind }) => kind !== "unreachable") ?? faults[0];
  if (telling === undefined) return new Error("No Region was asked.");
  if (telling.kind !== "unreachable" || faults.length === 1) return telling;
  return new Error(`No Region answered: ${faults.map(({ message }) => message).join("; ")}`);
}
