// Waiting inside an invocation: for the looks, the minute of the watch, and a customer's write that
// is held. Waits of a switch are Wait states of its machine, where they cost nothing and can be
// seen.
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
