// Named errors of the steps. The machine's Retry and Catch name these classes and no others; a
// test holds the two lists against each other.

/** A call that may succeed when repeated: throttled, timed out, unreachable. Retried, bounded. */
export class TransientFault extends Error {
  override readonly name = "TransientFault";
}

/** State is not what an invariant demands. Never retried; pages. */
export class InvariantViolated extends Error {
  override readonly name = "InvariantViolated";
}

/** Another execution holds a newer epoch: this one must stop touching anything. */
export class EpochLost extends Error {
  override readonly name = "EpochLost";
}

/** Eventual coordination: the source of a planned switch could not be seen to know of the claim, so
 * its gates may be open. The switch is undone. */
export class FenceUnseen extends Error {
  override readonly name = "FenceUnseen";
}

/** An operator asked to abort the run, and it stands where it can be undone. */
export class SwitchAborted extends Error {
  override readonly name = "SwitchAborted";
}

/** A question for this group is open already, or was rejected with the same reasons recently. */
export class ApprovalNotAsked extends Error {
  override readonly name = "ApprovalNotAsked";
}

/** The step's input does not have the shape of its contract: a defect, never retried. */
export class InputRefused extends Error {
  override readonly name = "InputRefused";
}
