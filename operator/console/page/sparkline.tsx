// A line of numbers without axes, with its newest value and its highest in words: for the trend at
// a glance. A gap stands for what was not known.

export interface Point {
  readonly at: number;
  /** null: not known. */
  readonly value: number | null;
}

interface Props {
  readonly points: readonly Point[];
  readonly label: string;
  /** A line across, such as an objective. */
  readonly mark?: number;
}

const width = 300;
const height = 48;

export function Sparkline({ points, label, mark }: Props) {
  const values = points.flatMap(({ value }) => value ?? []);
  const most = Math.max(1, mark ?? 0, ...values) * 1.1;
  const first = points[0]?.at ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? 0) - first);
  const x = (at: number) => ((at - first) / span) * width;
  const y = (value: number) => height - (value / most) * height;
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {mark === undefined ? null : (
        <line className="mark-line" x1="0" x2={width} y1={y(mark)} y2={y(mark)} />
      )}
      {runsOf(points).map((run) => (
        <polyline
          key={run[0]?.at}
          className="line"
          points={run.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ")}
        />
      ))}
    </svg>
  );
}

interface KnownPoint {
  readonly at: number;
  readonly value: number;
}

/** Stretches between gaps. */
function runsOf(points: readonly Point[]): KnownPoint[][] {
  const runs: KnownPoint[][] = [[]];
  for (const { at, value } of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ at, value });
  }
  return runs.filter((run) => run.length > 0);
}
