// `Date` as a Region's code sees it: the real one, but what it calls now is what that Region's
// clocks show. Dates made elsewhere are dates here too.

/** `now`: whole ms since 1970. */
export function dateThatReads(now: () => number): DateConstructor {
  return new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new Date(now()).toString(),
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
}
