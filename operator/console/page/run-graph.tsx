// A run as the steps it goes through, in its own order: drained first, or moving traffic beside the
// fence. Undoing is shown where it happens.
import type { RunShown, StepName } from "../contract.ts";
import { When } from "./when.tsx";

const titles: { readonly [step in StepName]: string } = {
  gather: "Gather evidence",
  decide: "Decide",
  approve: "Await approval",
  claim: "Claim epoch",
  fence: "Fence source",
  drain: "Drain replication",
  shift: "Shift traffic",
  promote: "Promote target",
  verify: "Verify shift",
  record: "Record outcome",
  undo: "Undo",
};
const planned: readonly (readonly StepName[])[] = [
  ...([["gather"], ["decide"], ["approve"], ["claim"], ["fence"], ["drain"]] as const),
  ...([["promote"], ["shift"], ["verify"], ["record"]] as const),
];
const unplanned: readonly (readonly StepName[])[] = [
  ...([["gather"], ["decide"], ["approve"], ["claim"], ["fence", "shift"]] as const),
  ...([["promote"], ["verify"], ["record"]] as const),
];

export function RunGraph({ run }: { readonly run: RunShown }) {
  const isUndone = stateOf(run, "undo") !== "ahead" && stateOf(run, "undo") !== "skipped";
  const order = run.parallel ? unplanned : planned;
  const columns = isUndone ? [...order.slice(0, -1), ["undo"] as const, ...order.slice(-1)] : order;
  return (
    <ol className="graph" aria-label="Steps of the run">
      {columns.map((steps) => (
        <li key={steps.join()}>
          {steps.map((step) => (
            <Step key={step} run={run} step={step} />
          ))}
        </li>
      ))}
    </ol>
  );
}

const stateOf = ({ steps }: RunShown, step: StepName) =>
  steps.find(({ name }) => name === step)?.state ?? "ahead";

const signs = { ahead: "·", current: "▶", done: "✓", failed: "✕", skipped: "–" } as const;

function Step({ run, step }: { readonly run: RunShown; readonly step: StepName }) {
  const state = stateOf(run, step);
  const at = run.steps.find(({ name }) => name === step)?.at ?? null;
  const current = state === "current" ? ({ "aria-current": "step" } as const) : {};
  return (
    <div className={`step ${state}`} data-step={step} data-state={state} {...current}>
      <span className="step-sign" aria-hidden="true">
        {signs[state]}
      </span>
      <span className="step-title">{titles[step]}</span>
      <span className="step-state">
        {state === "current" ? "now" : state}
        {at === null || state === "skipped" ? null : (
          <>
            {" "}
            <When at={at} now={at} />
          </>
        )}
      </span>
    </div>
  );
}
