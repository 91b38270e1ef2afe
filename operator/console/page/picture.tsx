// The deployment as one picture: where Route 53 sends clients, how replication flows, and how each
// Region looks from the others. All of it stands in words in the panels below, too.
import type { ConsoleState, Deployment, ShownStatus } from "../contract.ts";
import { perSecond } from "./traffic.ts";
import { signs, type Verdict } from "./verdict.tsx";
import { seconds } from "./when.tsx";

export interface PictureProps {
  readonly state: ConsoleState;
  readonly status: ShownStatus;
  readonly deployment: Deployment;
}

const width = 800;
const boxes = { primary: 40, secondary: 540 } as const;
const box = { width: 220, height: 104, top: 128 } as const;
const witness = { x: 300, y: 330, width: 200, height: 64 } as const;

export function Picture(props: PictureProps) {
  const { primary, secondary } = props.deployment;
  return (
    <div className="picture">
      <svg viewBox={`0 0 ${width} 410`} role="img" aria-label={inWords(props)}>
        <Arrowheads />
        <Clients {...props} />
        <Replication {...props} />
        <Sights {...props} />
        <RegionBox {...props} region={primary} side="primary" />
        <RegionBox {...props} region={secondary} side="secondary" />
        <Witness {...props} />
      </svg>
    </div>
  );
}

function inWords({ status, deployment }: PictureProps): string {
  const serves = status.serving.join(" and ") || "an unknown Region";
  const sights = status.vantagePoints.flatMap(({ vantage, sees }) =>
    sees.map(({ serving, verdict }) => `${vantage} sees ${serving} ${verdict}`),
  );
  return `${deployment.domain} is served by ${serves}. ${sights.join(", ")}.`;
}

function Arrowheads() {
  const marker = (id: string) => (
    <marker
      key={id}
      id={id}
      className={`head ${id}`}
      viewBox="0 0 8 8"
      refX="7"
      refY="4"
      markerWidth="8"
      markerHeight="8"
      markerUnits="userSpaceOnUse"
      orient="auto-start-reverse"
    >
      <path d="M0 0 L8 4 L0 8 z" />
    </marker>
  );
  return <defs>{["traffic", "copy", "healthy", "failing", "unknown"].map(marker)}</defs>;
}

function Clients({ state, status, deployment }: PictureProps) {
  const middle = width / 2;
  const to = (region: string, x: number) => {
    const rate = perSecond(state, region);
    const serves = status.serving.includes(region);
    if (!serves && !(rate !== null && rate > 0.05)) return null;
    const isStray = !serves;
    const start = middle + (x < middle ? -112 : 112);
    return (
      <g key={region} className={isStray ? "stray" : ""}>
        <path
          className="traffic"
          d={`M${start} 34 C ${x} 34, ${x} 60, ${x} ${box.top - 4}`}
          markerEnd="url(#traffic)"
        />
        <text x={x < middle ? x + 12 : x - 12} y="108" textAnchor={x < middle ? "start" : "end"}>
          {rate === null ? "requests unknown" : `${rate.toFixed(1)} requests/s`}
        </text>
      </g>
    );
  };
  return (
    <g>
      <rect className="node" x={middle - 110} y="12" width="220" height="44" rx="22" />
      <text className="name" x={middle} y="32" textAnchor="middle">
        clients
      </text>
      <text className="quiet" x={middle} y="48" textAnchor="middle">
        {deployment.domain}, by Route 53
      </text>
      {to(deployment.primary, boxes.primary + box.width / 2)}
      {to(deployment.secondary, boxes.secondary + box.width / 2)}
    </g>
  );
}

function Replication({ state, deployment: { primary, secondary } }: PictureProps) {
  const lag = (source: string) => state.facts?.replication[source]?.lagSeconds ?? null;
  const left = boxes.primary + box.width + 4;
  const right = boxes.secondary - 4;
  const line = (source: string, y: number, from: number, to: number) => (
    <g key={source}>
      <line className="copy" x1={from} y1={y} x2={to} y2={y} markerEnd="url(#copy)" />
      <text x={width / 2} y={y - 6} textAnchor="middle">
        {lag(source) === null ? "replication unknown" : `${seconds(lag(source))} behind`}
      </text>
    </g>
  );
  return (
    <g>
      {line(primary, box.top + 26, left, right)}
      {line(secondary, box.top + 58, right, left)}
    </g>
  );
}

/** From where, to which box's edge. */
function Sights({ status, deployment }: PictureProps) {
  const { primary, secondary, witness: third } = deployment;
  const under = box.top + box.height + 4;
  const lines = [
    {
      from: primary,
      to: secondary,
      d: `M250 ${under - 4} C 300 292, 500 292, 560 ${under}`,
      at: 486,
    },
    {
      from: secondary,
      to: primary,
      d: `M550 ${under - 4} C 500 262, 300 262, 240 ${under}`,
      at: 318,
    },
    { from: third, to: primary, d: `M${witness.x} 352 C 180 346, 120 300, 110 ${under}`, at: 150 },
    { from: third, to: secondary, d: `M500 352 C 620 346, 680 300, 690 ${under}`, at: 650 },
  ];
  const heights = [280, 254, 322, 322];
  return (
    <g>
      {lines.map(({ from, to, d, at }, index) => {
        const verdict = sightOf(status, from, to);
        return (
          <g key={`${from} ${to}`} className={`sight ${verdict}`}>
            <path d={d} markerEnd={`url(#${verdict})`} />
            <Mark x={at} y={heights[index] ?? 0} verdict={verdict} />
          </g>
        );
      })}
    </g>
  );
}

function Mark({ x, y, verdict }: { x: number; y: number; verdict: Verdict }) {
  return (
    <g className={`mark ${verdict}`}>
      <circle cx={x} cy={y} r="10" />
      <text x={x} y={y + 4.5} textAnchor="middle">
        {signs[verdict]}
      </text>
    </g>
  );
}

function sightOf({ vantagePoints }: ShownStatus, from: string, to: string): Verdict {
  const point = vantagePoints.find(({ vantage }) => vantage === from);
  return point?.sees.find(({ serving }) => serving === to)?.verdict ?? "unknown";
}

interface BoxProps extends PictureProps {
  readonly region: string;
  readonly side: keyof typeof boxes;
}

function RegionBox({ status, region, side }: BoxProps) {
  const x = boxes[side];
  const serves = status.serving.includes(region);
  const answered = status.regions.find((one) => one.region === region)?.answered ?? false;
  const own = sightOf(status, region, region);
  const does = [
    serves ? "serves" : "stands by",
    ...(status.writes === "any-region" || status.writer === region ? ["writes"] : []),
  ];
  return (
    <g className={`region ${serves ? "serves" : ""} ${answered ? "" : "gone"}`}>
      <rect className="node" x={x} y={box.top} width={box.width} height={box.height} rx="10" />
      <text className="name" x={x + 16} y={box.top + 30}>
        {region}
      </text>
      <text className="quiet" x={x + 16} y={box.top + 48}>
        {side}
      </text>
      <text x={x + 16} y={box.top + 72}>
        {does.join(", ")}
      </text>
      <text className="quiet" x={x + 16} y={box.top + 91}>
        {answered ? `sees itself ${own}` : "does not answer this console"}
      </text>
      <Mark x={x + box.width - 24} y={box.top + 26} verdict={answered ? own : "unknown"} />
    </g>
  );
}

function Witness({ deployment, status }: PictureProps) {
  const { x, y } = witness;
  const point = status.vantagePoints.find(({ vantage }) => vantage === deployment.witness);
  const isHeard = point?.sees.some(({ verdict }) => verdict !== "unknown") ?? false;
  return (
    <g className={isHeard ? "region" : "region gone"}>
      <rect className="node" {...{ x, y }} width={witness.width} height={witness.height} rx="10" />
      <text className="name" x={x + witness.width / 2} y={y + 28} textAnchor="middle">
        {deployment.witness}
      </text>
      <text className="quiet" x={x + witness.width / 2} y={y + 47} textAnchor="middle">
        {isHeard ? "witness: looks, serves nobody" : "witness: its looks are unknown"}
      </text>
    </g>
  );
}
