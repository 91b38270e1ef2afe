// The faults and the warnings of the usual configuration with a difference, one line each.
import { faultLine, mergedConfig } from "../../../core/config/load.ts";
import { settings } from "../world.ts";

export function faultsOf(difference: unknown): string[] {
  const parsed = mergedConfig(settings, difference);
  return parsed.ok ? [] : parsed.faults.map(faultLine);
}

export function warningsOf(difference: unknown): string[] {
  const parsed = mergedConfig(settings, difference);
  return parsed.ok ? parsed.warnings.map(faultLine) : ["refused"];
}
