// Who sees whom how, since when, and why not: one row a vantage point, one column a serving Region.
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { Deployment, ShownStatus } from "../contract.ts";
import { VerdictSign } from "./verdict.tsx";
import { span } from "./when.tsx";

interface Props {
  readonly status: ShownStatus;
  readonly deployment: Deployment;
}

export function VantagePanel({ status, deployment: { primary, secondary } }: Props) {
  return (
    <Container header={<Header variant="h2">Who sees what</Header>}>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">from</th>
            <th scope="col">{primary}</th>
            <th scope="col">{secondary}</th>
          </tr>
        </thead>
        <tbody>
          {status.vantagePoints.map(({ vantage, sees }) => (
            <tr key={vantage}>
              <th scope="row">{vantage}</th>
              {sees.map((sight) => (
                <td key={sight.serving}>
                  <Sight sight={sight} now={status.at} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Container>
  );
}

type SightSeen = ShownStatus["vantagePoints"][number]["sees"][number];

function Sight({ sight, now }: { readonly sight: SightSeen; readonly now: number }) {
  const { verdict, since, detail } = sight;
  return (
    <>
      <VerdictSign verdict={verdict}>
        {since === null ? "" : ` for ${span((now - since) / 1000)}`}
      </VerdictSign>
      {detail === "" ? null : <div className="detail">{detail}</div>}
    </>
  );
}
