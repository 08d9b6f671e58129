import { network } from "hardhat";
import type { Opcode } from "../../src/machine/opcodes.ts";
import { type WorstStep, worstSteps } from "./worstStep.ts";

export interface StepGas {
  readonly opcode: Opcode;
  readonly variant: string;
  /** Bytes of witness. */
  readonly bytes: number;
  /** `gasUsed` of a transaction that calls the verifier: base, calldata and execution, on the chain's hardfork. */
  readonly transaction: number;
  /** The execution alone. */
  readonly execution: number;
}

export interface StepGasReport {
  /** Of every instruction its most expensive variant. */
  readonly worst: readonly StepGas[];
  /** Of the deployed verifier. */
  readonly codeBytes: number;
}

/** Measures the constructed worst cases with real transactions on a fresh chain. */
export async function measureStepGas(steps: readonly WorstStep[] = worstSteps()): Promise<StepGasReport> {
  const { ethers } = await network.create();
  const [signer] = await ethers.getSigners();
  const verifier = await ethers.deployContract("StepVerifier");
  const batch = await ethers.deployContract("StepBatch", [await verifier.getAddress()]);
  const to = await verifier.getAddress();
  const worst = new Map<string, StepGas>();
  for (const { opcode, variant, root, witness, postRoot } of steps) {
    const data = verifier.interface.encodeFunctionData("step", [root, witness]);
    const returned = await ethers.provider.call({ to, data });
    if (returned !== postRoot) throw new Error(`${opcode.name} (${variant}): the verifier returns ${returned}`);
    const sent = await signer!.sendTransaction({ to, data, gasLimit: 1_000_000 });
    const receipt = await sent.wait();
    const execution = Number(await batch.measure!(root, witness));
    const gas = { opcode, variant, bytes: witness.length, transaction: Number(receipt!.gasUsed), execution };
    const known = worst.get(opcode.name);
    if (known === undefined || known.transaction < gas.transaction) worst.set(opcode.name, gas);
  }
  const codeBytes = ((await ethers.provider.getCode(to)).length - 2) / 2;
  return { worst: [...worst.values()], codeBytes };
}
