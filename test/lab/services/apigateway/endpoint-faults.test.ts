import { expect, test } from "vitest";
import { createRandom } from "../../../../lab/random.ts";
import { EndpointFaults } from "../../../../lab/services/apigateway/endpoint-faults.ts";

const region = "eu-west-1";

function world() {
  const slept: number[] = [];
  const clock = { sleep: async (milliseconds: number) => void slept.push(milliseconds) };
  const faults = new EndpointFaults(clock, createRandom(1));
  const add = (mode: "error" | "slow" | "wrong-body", path: string | null = null) =>
    faults.add(region, { mode, share: 1, seconds: 5, path });
  const asked = async (path: string) => {
    const serve = async () => ({ status: 201, headers: {}, body: "served" });
    const { status, body } = await faults.apply(region, path, serve);
    return `${status} ${body}`;
  };
  return { add, asked, slept };
}

test("a request meets the worst of what covers its path, whichever came first", async () => {
  const { add, asked, slept } = world();
  add("slow");
  const healSlow = add("slow");
  expect(await asked("/orders")).toBe("201 served");
  expect(slept).toEqual([10_000]);
  healSlow();
  const healBody = add("wrong-body");
  expect(await asked("/orders")).toBe("200 <html><body>It works!</body></html>");
  const healError = add("error", "/orders");
  expect(await asked("/orders")).toBe('500 {"message":"Internal server error"}');
  expect(await asked("/other")).toBe("200 <html><body>It works!</body></html>");
  expect(await asked("/health")).toBe("201 served");
  healError();
  healBody();
  expect(await asked("/orders")).toBe("201 served");
  expect(slept).toEqual([10_000, 5_000]);
});
