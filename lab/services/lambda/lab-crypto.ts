// node:crypto and the global crypto with seeded chance instead of the machine's: ids that functions
// draw are the same in each run of a seed.
import nodeCrypto from "node:crypto";
import type { Random } from "../../kernel.ts";

export function labCrypto(random: Random, stream: string): { module: object; global: object } {
  const randomBytes = (size: number): Buffer => Buffer.from(random.hex(stream, size * 2), "hex");
  const drawn = {
    randomUUID: () => random.uuid(stream),
    getRandomValues<T extends ArrayBufferView>(view: T): T {
      const bytes = randomBytes(view.byteLength);
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes);
      return view;
    },
  };
  const webcrypto = Object.freeze({ ...drawn });
  const overrides: object = {
    ...drawn,
    webcrypto,
    randomBytes,
    randomInt: (low: number, high?: number) => {
      const [from, to] = high === undefined ? [0, low] : [low, high];
      return Math.floor(random.between(stream, from, to));
    },
  };
  return { module: shadow(nodeCrypto, overrides), global: webcrypto };
}

/** `real` with some members replaced; the others are looked up in it. */
export function shadow(real: object, replaced: object): object {
  return Object.create(real, Object.getOwnPropertyDescriptors(replaced));
}
