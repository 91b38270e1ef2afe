// One entry of a timeline on a line: seconds since the run began, what kind of thing it is, and the
// sentence.
import type { Paint } from "../desk.ts";
import type { Entry } from "../timeline.ts";

export function entryLine({ at, kind, sentence }: Entry, start: number, paint: Paint): string {
  const since = `+${((at - start) / 1000).toFixed(1)} s`.padStart(9);
  return `${paint.dim(since)}  ${word(kind, paint)}  ${sentence}`;
}

function word(kind: Entry["kind"], paint: Paint): string {
  const padded = kind.padEnd(7);
  switch (kind) {
    case "who":
      return paint.bold(padded);
    case "seen":
    case "why":
      return padded;
    case "changed":
      return paint.warn(padded);
    case "fault":
      return paint.bad(padded);
    case "end":
      return paint.bold(padded);
  }
}
