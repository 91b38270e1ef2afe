// What the lab's commands read from their words: numbers, seeds, and files to write.
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidArgumentError } from "commander";

/** Beyond this a number is kept with other digits than were written. */
const numberMax = Number.MAX_SAFE_INTEGER;

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("must be a whole number, 0 or more");
  const number = Number(text);
  if (number > numberMax) throw new InvalidArgumentError(`must be at most ${numberMax}`);
  return number;
}

export function seedRange(text: string): number[] {
  const isRange = /^\d+(-\d+)?$/.test(text);
  const [first = 0, last = first] = isRange ? text.split("-").map(wholeNumber) : [];
  if (!isRange || last < first || last - first >= 10_000) {
    throw new InvalidArgumentError('must be a range like "1-20"');
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Why no file can be written there; null: one can. Nothing is created to find out. */
export function whyNotWritable(file: string): string | null {
  const folder = dirname(file);
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      return `there is no folder ${folder}`;
    }
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) return `${file} is a folder`;
    accessSync(found === undefined ? folder : file, constants.W_OK);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
