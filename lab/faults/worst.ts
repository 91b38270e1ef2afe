// Of several faults that hit the same piece of work.
export interface Hit<Mode extends string> {
  readonly mode: Mode;
  readonly seconds: number;
}

/** The worst shows, and what is slow adds up; null where nothing hits. `worstFirst`: all modes. */
export function worstOf<Mode extends string>(
  worstFirst: readonly Mode[],
  hits: readonly Hit<Mode>[],
): Hit<Mode> | null {
  const mode = worstFirst.find((one) => hits.some((hit) => hit.mode === one));
  if (mode === undefined) return null;
  const alike = hits.filter((hit) => hit.mode === mode);
  return { mode, seconds: alike.reduce((sum, { seconds }) => sum + seconds, 0) };
}
