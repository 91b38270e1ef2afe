// Virtual time as the report shows it.

/** 0:00:00, also before 0s ("-0:01:00"). */
export function formatClock(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const text = `${Math.floor(whole / 3600)}:${two((whole % 3600) / 60)}:${two(whole % 60)}`;
  return seconds < 0 ? `-${text}` : text;
}
