// What the lab's clients see: the share of good answers now, what the last outage did to them, and
// requests over the last minutes by who answered them.
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { LabOutage, LabState } from "../../../core/contracts/lab-control.ts";
import type { Deployment } from "../contract.ts";
import { Fact } from "./fact.tsx";
import { seconds, span, When } from "./when.tsx";

interface Props {
  readonly lab: LabState;
  readonly deployment: Deployment;
}

export function ClientsPanel({ lab, deployment }: Props) {
  const { clients, outage } = lab;
  const share = clients.successShareLastMinute;
  return (
    <Container header={<Header variant="h2">What clients see</Header>}>
      <ColumnLayout columns={4} variant="text-grid" minColumnWidth={170}>
        <Fact name="Good answers, last minute">
          <span data-fact="success" className={share !== null && share < 0.99 ? "bad" : ""}>
            {share === null ? "no request" : `${(share * 100).toFixed(share < 1 ? 1 : 0)} %`}
          </span>
        </Fact>
        <Fact name={outage?.endedAt === null ? "Outage now" : "Last outage"}>
          <OutageShown outage={outage} now={lab.now} />
        </Fact>
        <Fact name="RTO p50, p99">
          <span data-fact="rto">
            {outage === null
              ? "–"
              : `${recovered(outage.rtoSeconds.p50)}, ${recovered(outage.rtoSeconds.p99)}`}
          </span>
        </Fact>
        <Fact name="Requests, failed, writes kept">
          {clients.requests}, {clients.failed}, {clients.acknowledgedWrites}
        </Fact>
      </ColumnLayout>
      <Bars lab={lab} deployment={deployment} />
    </Container>
  );
}

const recovered = (value: number | null) => (value === null ? "not yet" : seconds(value));

function OutageShown({ outage, now }: { readonly outage: LabOutage | null; readonly now: number }) {
  if (outage === null) return "none yet";
  const { impactAt, endedAt, failedRequests, recoveredClients, clients } = outage;
  const lasted = span(((endedAt ?? now) - impactAt) / 1000);
  return (
    <>
      {lasted}, {failedRequests} failed
      <div className="detail">
        since <When at={impactAt} now={impactAt} />
        {endedAt === null ? `; ${recoveredClients} of ${clients} clients recovered` : ""}
      </div>
    </>
  );
}

const height = 90;
const width = 720;
const shown = 90;

function Bars({ lab: { buckets }, deployment: { primary, secondary } }: Props) {
  const last = buckets.slice(-shown);
  const totals = last.map(({ good, failed }) => sum(Object.values(good)) + failed);
  const most = Math.max(1, ...totals);
  const step = width / shown;
  const from = shown - last.length;
  return (
    <figure className="bars">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" preserveAspectRatio="none">
        <title>Requests of the last minutes, by who answered them</title>
        {last.map(({ at, good, failed }, index) => {
          const parts = [
            { name: "primary", count: good[primary] ?? 0 },
            { name: "secondary", count: good[secondary] ?? 0 },
            { name: "failed", count: failed },
          ];
          let top = height;
          return parts.map(({ name, count }) => {
            const tall = (count / most) * height;
            top -= tall;
            const x = (from + index) * step;
            const place = { x, y: top, width: step - 1, height: tall };
            return <rect key={`${at} ${name}`} className={`bar-${name}`} {...place} />;
          });
        })}
      </svg>
      <figcaption className="legend">
        <span className="key bar-primary">answered by {primary}</span>
        <span className="key bar-secondary">by {secondary}</span>
        <span className="key bar-failed">failed</span>
      </figcaption>
    </figure>
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
