import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/cli/config.ts";
import { explorerSettings } from "../../src/cli/explorerSettings.ts";

const config = parseConfig(
  `
rpc: ["https://rpc.example/secret-key", "http://127.0.0.1:8545"]
chainId: 31337
assay: "0x5FbDB2315678afecb367f032d93F642f64180aa3"
stores: [{ url: "file:./store", write: true }, "https://mirror.example", "http://localhost:9000"]
state: ./state
explorer: { rpc: ["https://public.example"], boards: ["file:./board", "https://board.example"] }
`,
  "/etc/assay/assay.yaml",
);

describe("what the explorer's page is told", () => {
  it("holds no address of a server that is not called public, unless page and server are on this machine", () => {
    const told = explorerSettings([config], true, false);
    expect(told.chains[0]!.rpc).toEqual(["https://public.example"]);
    expect(told.stores).toEqual(["contents/", "https://mirror.example"]);
    expect(told.attestations).toEqual(["contents/", "https://board.example"]);
    expect(JSON.stringify(told)).not.toMatch(/secret-key|127\.0\.0\.1|localhost|\/etc\//);
    const own = explorerSettings([config], false, true);
    expect(own.chains[0]!.rpc).toEqual(["https://public.example", "http://127.0.0.1:8545"]);
    expect(own.index).toBeUndefined();
    expect(JSON.stringify(own)).not.toContain("secret-key");
  });

  it("has no address with a password, which everybody would be told", () => {
    expect(() => parseConfig(configWith("https://a:b@rpc.example"), "/a.yaml")).toThrow(/user or password/);
  });
});

function configWith(rpc: string): string {
  return `rpc: http://a\nchainId: 1\nassay: "0x5FbDB2315678afecb367f032d93F642f64180aa3"\nstores: [{ url: "file:s", write: true }]\nstate: s\nexplorer: { rpc: ["${rpc}"] }\n`;
}
