// Route 53's API, control plane: the switch lever. Every call may fail for hours while DNS goes
// on; callers treat that as an answer, so nothing here is retried beyond the client's two attempts.
import { GetHealthCheckCommand, UpdateHealthCheckCommand } from "@aws-sdk/client-route-53";
import type { Region } from "../../core/config/schema.ts";
import type { LeverPosition } from "../../core/contracts/routing-state.ts";
import { InvariantViolated } from "../../core/errors.ts";
import { bounded, route53From } from "./clients.ts";

export interface SwitchCheck {
  readonly version: number;
  readonly position: LeverPosition;
}

export interface Route53 {
  readSwitch(checkId: string, seconds?: number): Promise<SwitchCheck>;
  /** Fails with HealthCheckVersionMismatch when the check is newer than `version`. */
  updateSwitch(update: SwitchUpdate): Promise<SwitchCheck>;
}

export interface SwitchUpdate {
  readonly checkId: string;
  readonly version: number;
  readonly position: LeverPosition;
  /** The call is abandoned after so long, its repetition included. */
  readonly seconds: number;
}

const readSeconds = 3;

/** `region`: where the caller runs. */
export function route53(region: Region): Route53 {
  return {
    async readSwitch(checkId, seconds = readSeconds) {
      const command = new GetHealthCheckCommand({ HealthCheckId: checkId });
      const answer = await bounded(seconds, (options) =>
        route53From(region).send(command, options),
      );
      return switchCheckOf(checkId, answer.HealthCheck);
    },
    async updateSwitch({ checkId, version, position, seconds }) {
      const command = new UpdateHealthCheckCommand({
        HealthCheckId: checkId,
        HealthCheckVersion: version,
        Inverted: position === "pulled",
      });
      const answer = await bounded(seconds, (options) =>
        route53From(region).send(command, options),
      );
      return switchCheckOf(checkId, answer.HealthCheck);
    },
  };
}

interface Check {
  readonly HealthCheckVersion?: number | undefined;
  readonly HealthCheckConfig?: { readonly Inverted?: boolean | undefined } | undefined;
}

function switchCheckOf(checkId: string, check: Check | undefined): SwitchCheck {
  const version = check?.HealthCheckVersion;
  if (version === undefined) {
    throw new InvariantViolated(`Route 53 answered no version for health check ${checkId}.`);
  }
  // Route 53 leaves Inverted out where it was never set.
  const inverted = check?.HealthCheckConfig?.Inverted ?? false;
  return { version, position: inverted ? "pulled" : "released" };
}
