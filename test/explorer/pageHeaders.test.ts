import { describe, expect, it } from "vitest";
import { pageHeaders } from "../../src/explorer/pageHeaders.ts";

/** Where the page may connect to, of a host that tells it these stores. */
function connectTo(...stores: string[]): string[] {
  const headers = pageHeaders({ version: 1, chains: [], stores, attestations: [] });
  const policy = headers["content-security-policy"]!.split("; ").find((each) => each.startsWith("connect-src "));
  return policy!.split(" ").slice(1);
}

describe("the page's content security policy", () => {
  it("names the origins of stores, of gateways of IPFS too, each once", () => {
    const stores = [
      "https://a.example/x/",
      "https://a.example/y/",
      "ipfs+https://b.example:8443/",
      "ipfs+http://c.example",
    ];
    expect(connectTo(...stores)).toEqual(["'self'", "https://a.example", "https://b.example:8443", "http://c.example"]);
  });

  it("names nothing for what is relative, of another scheme, or would add a directive", () => {
    expect(connectTo("contents/", "file:///x", "javascript:alert(1)", "a; script-src *")).toEqual(["'self'"]);
  });
});
