// The end of a state: Output and Assign are evaluated against the variables as they were when the
// state was entered, then both take effect at once with the exit event.
import type { Json } from "../../kernel.ts";
import { evaluateTemplate } from "./expressions.ts";
import { StateFailure } from "./failure.ts";
import { exited, payloadBytesMax } from "./history.ts";
import { evaluating, type Frame, type Run, scopeOf, type Thread } from "./run.ts";

/** Where a state leads; `next` null: the branch ends here. */
export interface Step {
  readonly output: Json;
  readonly next: string | null;
}

/** What a state leaves behind. */
export interface Settled {
  readonly output: Json;
  readonly assigned: { readonly [name: string]: Json } | null;
}

interface ResultFields {
  readonly Output?: Json | undefined;
  readonly Assign?: { readonly [name: string]: Json } | undefined;
}

/** Evaluates Output and Assign. Without Output: the error output, else the result, else the input.
 * @throws StateFailure */
export async function settle(
  run: Run,
  thread: Thread,
  frame: Frame,
  fields: ResultFields,
  extra: { readonly result?: Json; readonly errorOutput?: Json },
): Promise<Settled> {
  const scope = scopeOf(run, thread, frame, extra);
  const settled = await evaluating(thread, frame, async () => {
    const assigned: { [name: string]: Json } = {};
    for (const [name, template] of Object.entries(fields.Assign ?? {})) {
      assigned[name] = await evaluateTemplate(template, `Assign/${name}`, scope, run.world);
    }
    const output =
      fields.Output === undefined
        ? (extra.errorOutput ?? defaultOutput(frame, extra))
        : await evaluateTemplate(fields.Output, "Output", scope, run.world);
    return { output, assigned: fields.Assign ? assigned : null };
  });
  refuseTooLarge(settled.output, frame.name);
  if (settled.assigned) refuseTooLarge(settled.assigned, frame.name);
  return settled;
}

function defaultOutput(frame: Frame, extra: { readonly result?: Json }): Json {
  return extra.result === undefined ? frame.input : extra.result;
}

/** @throws StateFailure States.DataLimitExceeded above 256 KiB */
export function refuseTooLarge(value: Json, of: string): void {
  const text = JSON.stringify(value);
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need no count.
  if (text.length * 3 <= payloadBytesMax || Buffer.byteLength(text) <= payloadBytesMax) return;
  const cause =
    `The state/task '${of}' returned a result with a size exceeding the maximum number of ` +
    "bytes service limit.";
  throw new StateFailure("States.DataLimitExceeded", cause);
}

/** Exits the state: writes the event, sets the variables. */
export function leave(
  thread: Thread,
  frame: Frame,
  settled: Settled,
  next: string | undefined,
): Step {
  const output = JSON.stringify(settled.output);
  const details = exited(frame.name, output, settled.assigned);
  thread.append(`${frame.state.Type}StateExited`, details);
  if (settled.assigned) thread.variables = { ...thread.variables, ...settled.assigned };
  return { output: settled.output, next: next ?? null };
}
