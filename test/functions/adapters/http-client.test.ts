// The signatures were computed apart from the code, by AWS's description of Signature Version 4.
import { Agent } from "node:https";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exchange, NotConnected, signed } from "../../../functions/adapters/http-client.ts";
import { nine } from "../steady.ts";

const host = "us-west-2.api.example.com";
const scope = "Credential=AKIDEXAMPLE/20260115/us-west-2/execute-api/aws4_request";

beforeEach(() => {
  vi.useFakeTimers({ now: nine, toFake: ["Date"] });
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  vi.stubEnv("AWS_SESSION_TOKEN", "token");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe("signing a call", () => {
  it("covers the body", async () => {
    const call = await signed(
      {
        connectTo: host,
        host,
        method: "POST",
        path: "/orders/canary",
        headers: { "content-type": "application/json" },
        body: '{"vantage":"us-east-2"}',
      },
      "us-west-2",
    );
    expect(call.headers.authorization).toBe(
      `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-content-sha256;` +
        "x-amz-date;x-amz-security-token, " +
        "Signature=3ec154527dfc4091ad0ebafba28a04c98e23ab50a47db3e051a454a6271b8c57",
    );
    expect(call.headers["x-amz-security-token"]).toBe("token");
  });

  it("covers the query", async () => {
    const call = await signed(
      {
        connectTo: host,
        host,
        method: "GET",
        path: "/orders/canary",
        query: { vantage: "us-east-2" },
        headers: {},
      },
      "us-west-2",
    );
    expect(call.headers.authorization).toBe(
      `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-content-sha256;` +
        "x-amz-date;x-amz-security-token, " +
        "Signature=ad6fe53d853b19f832a90c1e758f1fedab52f39031be67fd597ac32ccaa2ee50",
    );
  });
});

describe("an exchange that never got a connection", () => {
  // Reserved for documentation: no name there resolves.
  const call = { connectTo: "x.invalid", host, method: "POST", path: "/", headers: {} } as const;

  it("is told apart where connections are pooled: nothing of it was sent", async () => {
    const pool = { agent: new Agent({ keepAlive: true }), connectMilliseconds: 1_000 };
    await expect(exchange(call, 4_000, pool)).rejects.toThrow(NotConnected);
  });

  it("is an error like any other without a pool", async () => {
    await expect(exchange(call, 4_000)).rejects.not.toThrow(NotConnected);
  });
});
