// Durations as scenarios write them: "45s", "2m", "1h30m", or a number of seconds.
import { z } from "zod";

const unitSeconds = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Seconds, or null when the text is no duration. */
export function parseDuration(value: string | number): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(value)) return null;
  let seconds = 0;
  for (const [, amount, unit] of value.matchAll(part)) {
    seconds += Number(amount) * unitSeconds[unit as keyof typeof unitSeconds];
  }
  return seconds;
}

/** 95 → "1m35s"; 5400 → "1h30m"; 0.4 → "0.4s". */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${rest ? `${rest}s` : ""}`;
}

/** Parses to seconds. */
export const duration = z
  .union([z.number(), z.string()])
  .refine((value) => parseDuration(value) !== null, {
    error: 'must be a duration like "45s", "2m", "1h30m", or seconds as a number, not negative',
  })
  .transform((value) => parseDuration(value) ?? 0);

/** Parses to seconds; below zero with a minus before it. */
export const signedDuration = z
  .union([z.number(), z.string()])
  .refine((value) => parseSigned(value) !== null, {
    error: 'must be a duration like "90s" or "-90s", or seconds as a number',
  })
  .transform((value) => parseSigned(value) ?? 0);

function parseSigned(value: string | number): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (!value.startsWith("-")) return parseDuration(value);
  const seconds = parseDuration(value.slice(1));
  return seconds === null ? null : -seconds;
}
