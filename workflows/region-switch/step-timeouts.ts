// How long each function of the machine may take, in seconds. The function's own timeout is this
// number and the task's is five seconds more, so that a slow function ends by its own timeout and
// never goes on working beside its retry.

export const stepTimeoutSeconds = {
  // Looks are waited for 28 s, however many steps they have; reads beside and after them.
  "gather-evidence": 45,
  decide: 15,
  "request-approval": 20,
  "claim-epoch": 25,
  "fence-source": 15,
  // Reads a mark's worth of journal twice.
  "check-drain": 60,
  "promote-target": 25,
  // Up to 45 s of levers and polling the zone's name servers, and a fresh look before it.
  "shift-traffic": 75,
  "verify-shift": 40,
  "record-outcome": 30,
} as const;

export type StepName = keyof typeof stepTimeoutSeconds;
export const stepNames = Object.keys(stepTimeoutSeconds) as readonly StepName[];

/** Added to a function's timeout for the task that waits for it. */
export const taskMarginSeconds = 5;
