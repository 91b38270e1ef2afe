// Times and verdicts in words. Every time is said in UTC: an operator compares them with logs.
import type { Paint } from "../desk.ts";

/** 2026-01-15 09:00:00 UTC */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function ago(now: number, at: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

export function marked(verdict: "healthy" | "failing" | "unknown", paint: Paint): string {
  switch (verdict) {
    case "healthy":
      return paint.good("healthy");
    case "failing":
      return paint.bad("FAILING");
    case "unknown":
      return paint.warn("unknown");
  }
}

/** "30m", "2h", "7d" in ms; null: it is none of these. */
export function spanOf(text: string): number | null {
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ""];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
