import { network } from "hardhat";
import type { StepBatch, StepVerifier } from "../../src/types/index.js";

/** A fresh chain with the step verifier on it. */
export async function deployStepVerifier(): Promise<{
  verifier: StepVerifier;
  batch: StepBatch;
  /** Post-roots of many steps by the real EVM; 32 zero bytes where the contract reverts. */
  runAll: (steps: readonly { root: string; witness: Uint8Array }[]) => Promise<string[]>;
}> {
  const { ethers } = await network.create();
  const verifier = await ethers.deployContract("StepVerifier");
  const batch = await ethers.deployContract("StepBatch", [await verifier.getAddress()]);
  const runAll = async (steps: readonly { root: string; witness: Uint8Array }[]) => {
    const postRoots: string[] = [];
    for (let at = 0; at < steps.length; at += stepsPerCall) {
      const part = steps.slice(at, at + stepsPerCall);
      postRoots.push(
        ...(await batch.run(
          part.map(({ root }) => root),
          part.map(({ witness }) => witness),
        )),
      );
    }
    return postRoots;
  };
  return { verifier: verifier as unknown as StepVerifier, batch: batch as unknown as StepBatch, runAll };
}

/** Stays below a block's gas: a step costs at most 150 k, its witness included. */
const stepsPerCall = 100;
