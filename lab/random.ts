// Seeded chance: one sfc32 generator per named stream, so that a new consumer of chance leaves
// the draws of all others as they were.
import { createHash } from "node:crypto";
import type { Random } from "./kernel.ts";

type Draw = () => number;

export function createRandom(seed: number): Random {
  const streams = new Map<string, Draw>();
  const next = (stream: string): number => {
    const known = streams.get(stream);
    if (known !== undefined) return known();
    const draw = sfc32(seed, stream);
    streams.set(stream, draw);
    return draw();
  };
  const hex = (stream: string, length: number): string => {
    let digits = "";
    while (digits.length < length) {
      digits += Math.floor(next(stream) * 2 ** 32)
        .toString(16)
        .padStart(8, "0");
    }
    return digits.slice(0, length);
  };
  return {
    next,
    between: (stream, low, high) => low + next(stream) * (high - low),
    hex,
    uuid: (stream) => asUuid(hex(stream, 32)),
  };
}

/** Version 4 in form: RFC 9562's version and variant digits over 32 hex digits. */
function asUuid(hex: string): string {
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/** Chris Doty-Humphrey's small fast counter (PractRand), state from SHA-256 of seed and name. */
function sfc32(seed: number, stream: string): Draw {
  const state = createHash("sha256").update(`${seed}\n${stream}`).digest();
  let a = state.readInt32LE(0);
  let b = state.readInt32LE(4);
  let c = state.readInt32LE(8);
  let counter = state.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
