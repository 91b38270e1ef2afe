// A mail as people on call get it: a subject that SNS takes, and lines that a mail program shows as
// they are. Wrapped here, since the plain text of an SNS mail is wrapped by nobody, and by the
// column, so that a command or an ARN, which must be copied whole, is never broken.
export interface Mail {
  readonly subject: string;
  readonly lines: readonly string[];
}

const columns = 76;
/** "Must be ASCII text …, must not include line breaks, must be less than 100 characters long"
 * (SNS, Publish). */
const subjectLengthMax = 99;

export function subjectOf(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, subjectLengthMax);
}

/** A heading, and what stands below it, each point wrapped; nothing where there is no point. */
export function section(heading: string, points: readonly string[]): string[] {
  if (points.length === 0) return [];
  return ["", heading, ...points.flatMap((point) => wrapped(point, "  - ", "    "))];
}

/** A heading, and lines that stay as they are: commands, names. */
export function verbatim(heading: string, lines: readonly string[]): string[] {
  return ["", heading, ...lines.map((line) => `  ${line}`)];
}

export function wrapped(text: string, first = "", rest = ""): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      [line, isEmpty] = [rest, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** 2026-01-15 09:00:00 UTC */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** As one word of a shell's line, whatever it holds. */
export function shellWord(text: string): string {
  return /^[\w:./@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The name of an execution, by which `show` finds it. */
export const runName = (executionArn: string) => executionArn.split(":").at(-1) ?? executionArn;
