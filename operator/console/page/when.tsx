// Times as people read them: in their own zone, and in UTC, which is what logs say. The date is
// there where it is not today's, by the deployment's clock.
import { useSyncExternalStore } from "react";

const clock = (timeZone?: string) =>
  new Intl.DateTimeFormat("en-GB", {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
    ...(timeZone === undefined ? {} : { timeZone }),
  });
const day = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: "UTC" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });

const zoneName = (at: number) =>
  zone.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "local";

/** `now`: to leave out a date that is today's. ms since 1970. */
export function When({ at, now }: { readonly at: number; readonly now?: number | undefined }) {
  const utc = `${clock("UTC").format(at)} UTC`;
  const local = `${clock().format(at)} ${zoneName(at)}`;
  const date = now !== undefined && day.format(now) === day.format(at) ? "" : `${day.format(at)} `;
  return (
    <time dateTime={new Date(at).toISOString()} className="when">
      {date}
      {local === utc ? utc : `${local} `}
      {local === utc ? null : <span className="quiet">({utc})</span>}
    </time>
  );
}

/** "12 s", "3 min", "2 h", "4 days" */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export const seconds = (value: number | null): string =>
  value === null ? "unknown" : `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;

/** The view that the address names, such as "#/switch"; the overview where it names none. */
export function usePlace(): string {
  return useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
    () => location.hash.replace(/^#\//, "") || "overview",
  );
}
