import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { environment } from "../../functions/env.ts";
import { projectRoot } from "../../lab/deploy/project-root.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

function healthStatus(value: string | undefined): number {
  const config = readFileSync(join(projectRoot, "switchback.config.json"), "utf8");
  vi.stubEnv("SWITCHBACK_CONFIG", config);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("HEALTH_STATUS", value);
  return environment().healthStatus;
}

test("/health answers 200, or what the variable says; an emptied one says nothing", () => {
  expect(healthStatus(undefined)).toBe(200);
  expect(healthStatus("404")).toBe(404);
  expect(healthStatus("")).toBe(200);
});
