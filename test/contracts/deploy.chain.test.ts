import { readFileSync } from "node:fs";
import { network } from "hardhat";
import { describe, expect, it } from "vitest";
import { deployLocally, parameterFile } from "../../deploy/assay.ts";
import { assayModule } from "../../deploy/modules/assay.ts";
import { startServer } from "../support/rpcServer.ts";

describe("a deployment", () => {
  it.each(["local", "testnet"] as const)("accepts the parameters for a %s chain", async (chain) => {
    const { ignition } = await network.create();
    const { assay, stepVerifier } = await ignition.deploy(assayModule, { parameters: parameterFile(chain) });
    const terms = JSON.parse(readFileSync(parameterFile(chain), "utf8")).Assay.terms as Record<string, string | number>;
    const deployed = (await assay.parameters!()).toObject() as Record<string, bigint>;
    const expected = Object.entries(terms).map(([name, value]) => [name, BigInt(String(value).replace("n", ""))]);
    expect(deployed).toEqual(Object.fromEntries(expected));
    expect(await assay.stepVerifier!()).toBe(await stepVerifier.getAddress());
  });

  it("reaches a local chain through its server", async () => {
    const server = await startServer();
    const { assay, stepVerifier } = await deployLocally(server.url);
    for (const address of [assay, stepVerifier]) {
      expect(((await server.send("eth_getCode", [address, "latest"])) as string).length).toBeGreaterThan(1000);
    }
    await server.close();
  });
});
