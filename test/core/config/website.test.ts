// What a website demands of the configuration.
import { describe, expect, it } from "vitest";
import { checkedConfig } from "../../../core/config/load.ts";
import { crossOriginHeaders, crossOriginOf } from "../../../core/contracts/cross-origin.ts";
import { websiteName } from "../../../core/names.ts";
import { settings } from "../world.ts";
import { faultsOf } from "./faults.ts";

describe("A website", () => {
  it("is www. of the zone, unless it is told another name.", () => {
    const usual = checkedConfig({ ...settings, frontend: true });
    expect(websiteName(usual)).toBe("www.example.com");
    const domain = { ...settings.domain, website: "shop.example.com" };
    expect(websiteName(checkedConfig({ ...settings, domain, frontend: true }))).toBe(
      "shop.example.com",
    );
  });

  it.each([
    ["www.example.org", "www.example.org is not below the zone example.com"],
    ["example.com", "example.com is not below the zone example.com"],
    ["api.example.com", "api.example.com is a name of the API; the website needs another one"],
    [
      "us-east-1.api.example.com",
      "us-east-1.api.example.com is a name of the API; the website needs another one",
    ],
  ])("can't be named %s.", (website, why) => {
    const [fault] = faultsOf({ frontend: true, domain: { website } });
    expect(fault).toBe(`$.domain.website: ${why}`);
    expect(faultsOf({ domain: { website } })).toEqual([]);
  });

  it("needs the API that its page calls.", () => {
    const told = '$.frontend: the website places orders: it needs the workload "api"';
    expect(faultsOf({ frontend: true, workloads: ["events"] })).toContain(told);
  });

  it("is the one origin that may call the API from a browser; without it there is none.", () => {
    const usual = checkedConfig({ ...settings, frontend: true });
    expect(crossOriginHeaders(usual)).toEqual({
      "Access-Control-Allow-Origin": "https://www.example.com",
      "Access-Control-Expose-Headers": "X-Region,X-Active-Region,Retry-After",
    });
    expect(crossOriginHeaders(checkedConfig(settings))).toEqual({});
    expect(crossOriginOf(checkedConfig(settings))).toBe(null);
  });
});
