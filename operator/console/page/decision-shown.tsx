// A decision of the machine's: what it would do or did, why, what it may lose, and what blocks it.
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { RunShown } from "../contract.ts";

type Decision = NonNullable<RunShown["decision"]>;

const types = { go: "success", ask: "info", hold: "warning" } as const;
const words = { go: "Go", ask: "Ask: an operator must approve it", hold: "Hold: not done" };

export function DecisionShown({ decision }: { readonly decision: Decision }) {
  const { kind, plan, sentences, blockedBy, waived, loss } = decision;
  return (
    <div data-decision={kind}>
      <StatusIndicator type={types[kind]}>{words[kind]}</StatusIndicator>
      <dl className="facts spaced">
        <dt>Plan</dt>
        <dd>
          {plan === null
            ? "nothing is to be done"
            : `${plan.mode} ${plan.direction} from ${plan.source} to ${plan.target}; then ` +
              `${plan.after.join(" and ")} ${plan.after.length > 1 ? "serve" : "serves"}`}
        </dd>
        <dt>Loss bound</dt>
        <dd>{plan?.mode === "planned" ? `none, once drained; undrained ${loss}` : loss}</dd>
        {blockedBy.length === 0 ? null : <Codes name="Blocked by" codes={blockedBy} />}
        {waived.length === 0 ? null : <Codes name="Waived" codes={waived} />}
      </dl>
      <ul className="sentences">
        {[...new Set(sentences)].map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

function Codes({ name, codes }: { readonly name: string; readonly codes: readonly string[] }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {codes.map((code) => (
          <code key={code} className="code">
            {code}
          </code>
        ))}
      </dd>
    </>
  );
}
