// When a schedule expression fires next: rate(N minutes|hours|days), and cron with plain numbers,
// lists, steps and *. Source: "Schedule expressions" of EventBridge. All in UTC, minute grained.

const unitMilliseconds: { readonly [unit: string]: number } = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
/** A cron expression that matches no minute of a year never fires. */
const cronHorizonMilliseconds = 366 * 86_400_000;

/** The next firing after `after`; both ms since 1970. */
export type Schedule = (after: number) => number;

/** `start`: when the rule came to be, from which rates count. Throws on what isn't modelled. */
export function readSchedule(expression: string, start: number): Schedule {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const period = Number(rate[1]) * (unitMilliseconds[rate[2] ?? ""] ?? Number.NaN);
    return (after) => start + (Math.floor((after - start) / period) + 1) * period;
  }
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) \*\)$/.exec(expression);
  if (!cron) throw new Error(`the lab models no schedule "${expression}"`);
  return cronSchedule(expression, cron.slice(1));
}

function cronSchedule(expression: string, fields: string[]): Schedule {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const ranges = [field(minute, 0), field(hour, 0), field(day, 1), field(month, 1)] as const;
  const weekdays = field(weekday, 1);
  return (after) => {
    const first = (Math.floor(after / 60_000) + 1) * 60_000;
    for (let at = first; at < after + cronHorizonMilliseconds; at += 60_000) {
      const date = new Date(at);
      const parts = [date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate()] as const;
      const fits =
        ranges[0](parts[0]) &&
        ranges[1](parts[1]) &&
        ranges[2](parts[2]) &&
        ranges[3](date.getUTCMonth() + 1) &&
        weekdays(date.getUTCDay() + 1);
      if (fits) return at;
    }
    throw new Error(`the schedule "${expression}" fires never`);
  };
}

/** `lowest`: where steps of the field start. */
function field(text: string, lowest: number): (value: number) => boolean {
  if (text === "*" || text === "?") return () => true;
  const step = /^(\*|\d+)\/(\d+)$/.exec(text);
  if (step) {
    const start = step[1] === "*" ? lowest : Number(step[1]);
    return (value) => value >= start && (value - start) % Number(step[2]) === 0;
  }
  if (!/^\d+(,\d+)*$/.test(text)) throw new Error(`the lab models no cron field "${text}"`);
  const values = text.split(",").map(Number);
  return (value) => values.includes(value);
}
