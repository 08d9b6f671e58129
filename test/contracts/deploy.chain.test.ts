import { readFileSync } from "node:fs";
import { network } from "hardhat";
import { describe, expect, it } from "vitest";
import { deployLocally } from "../../src/deployment/local.ts";
import { assayModule } from "../../src/deployment/module.ts";
import { parameterFile, parameterSets } from "../../src/deployment/parameterFile.ts";
import { AssayChain } from "../support/assayChain.ts";
import { longestDispute } from "../support/disputeGas.ts";
import { startServer } from "../support/rpcServer.ts";
import { worstSteps } from "../support/worstStep.ts";

/** EIP-170. */
const maxCodeBytes = 24_576;

function termsOf(kind: (typeof parameterSets)[number]): Record<string, bigint> {
  const terms = JSON.parse(readFileSync(parameterFile(kind), "utf8")).Assay.terms as Record<string, string | number>;
  return Object.fromEntries(
    Object.entries(terms).map(([name, value]) => [name, BigInt(String(value).replace("n", ""))]),
  );
}

describe("a deployment", () => {
  it.each(parameterSets)("accepts the parameters for a %s chain", async (kind) => {
    const { ignition } = await network.create();
    const { assay, stepVerifier } = await ignition.deploy(assayModule, { parameters: parameterFile(kind) });
    expect((await assay.parameters!()).toObject()).toEqual(termsOf(kind));
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

  it("leaves 4 kB of room below the limit for a contract's code", async () => {
    const { ethers, address, verifier, lens } = await AssayChain.start();
    const bytes = async (of: string) => (await ethers.provider.getCode(of)).length / 2 - 1;
    expect(await bytes(address)).toBeLessThanOrEqual(maxCodeBytes - 4_096);
    expect(await bytes(await verifier.getAddress())).toBeLessThanOrEqual(maxCodeBytes - 4_096);
    expect(await bytes(await lens.getAddress())).toBeLessThanOrEqual(maxCodeBytes - 4_096);
  });

  it.each(parameterSets)(
    "for a %s chain has bonds for the gas of the longest dispute under the most expensive rules",
    async (kind) => {
      const terms = termsOf(kind);
      const step = worstSteps().reduce((a, b) => (b.witness.length > a.witness.length ? b : a));
      for (const hardfork of ["osaka", "amsterdam"] as const) {
        const log2Steps = Number(terms.maxLog2Steps);
        const measured = await longestDispute({ log2Arity: Number(terms.log2Arity), log2Steps, hardfork, step });
        expect(measured.solverDisputeGas, hardfork).toBeLessThanOrEqual(Number(terms.solverDisputeGas));
        expect(measured.challengerDisputeGas, hardfork).toBeLessThanOrEqual(Number(terms.challengerDisputeGas));
      }
    },
  );
});
