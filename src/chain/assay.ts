import { type AbstractSigner, Interface, keccak256 } from "ethers";
import { AssayError } from "../core/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { Assay__factory } from "../types/factories/Assay__factory.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { IStepVerifier__factory } from "../types/factories/interfaces/IStepVerifier__factory.ts";
import { StepVerifier__factory } from "../types/factories/step/StepVerifier__factory.ts";
import type { IAssay } from "../types/interfaces/IAssay.ts";
import { BlockReader, type Confirmations } from "./blockReader.ts";
import { chainError } from "./errors.ts";
import type { FeePolicy } from "./outbox/call.ts";
import type { SenderEvent } from "./outbox/lane.ts";
import { defaultRpcLimits, type RpcLimits, RpcProvider, type RpcUrls } from "./rpcProvider.ts";
import { createSender, type Sender } from "./sender.ts";

/** Where the contracts are. */
export interface Deployment {
  /** Its RPC servers, in the order of preference. */
  readonly rpc: RpcUrls;
  readonly chainId: bigint;
  /** Address of the contract `Assay`. */
  readonly assay: string;
  /** Block of its deployment, or an earlier one. */
  readonly deploymentBlock: number;
  /** Blocks on top of a block before it is believed, or the tag of the newest block that is. */
  readonly confirmations: Confirmations;
  /** How many of the servers must say the same of a block before it is taken in; 1 by default. */
  readonly agreement?: number;
  /** Blocks per request for events, at most. */
  readonly logRange: number;
}

/** A connection to contracts that have been checked to be the ones this program knows. */
export interface AssayChain {
  readonly deployment: Deployment;
  readonly provider: RpcProvider;
  readonly contract: IAssay;
  readonly parameters: Parameters;
  readonly stepVerifier: string;
  /** Closes what the connection holds. */
  close(): void;
}

/** The machine whose states this program computes; the first state of every build carries it. */
export const ownMachineVersion = 1;

/** Interfaces whose custom errors a call may come back with. */
export const abis: readonly Interface[] = [
  new Interface(IAssay__factory.abi),
  new Interface(IStepVerifier__factory.abi),
];

/**
 * Connects and checks: the chain's id, that there is a contract, and that it and its step verifier are the very code that
 * this program was built with, of the same machine version.
 * @throws AssayError `chain/wrong-chain`, `chain/no-contract`, `chain/other-machine`, `chain/other-contract`, all naming what
 * was expected and what is there; `chain/no-block-tag`; `chain/...-fault`
 */
export async function connect(deployment: Deployment, limits: RpcLimits = defaultRpcLimits): Promise<AssayChain> {
  const provider = new RpcProvider(deployment.rpc, deployment.chainId, limits);
  try {
    const contract = IAssay__factory.connect(deployment.assay, provider);
    const code = await checkCode(provider, deployment.assay);
    const stepVerifier = await readOrRefuse(deployment.assay, async () => await contract.stepVerifier());
    await checkStepVerifier(provider, stepVerifier);
    const parameters = await readOrRefuse(deployment.assay, async () => await readParameters(contract));
    const creation = await new Assay__factory().getDeployTransaction(parameters, stepVerifier);
    checkSame(
      "chain/other-contract",
      "contract Assay",
      deployment.assay,
      code,
      await deployedBy(provider, creation.data),
    );
    const chain = { deployment, provider, contract, parameters, stepVerifier, close: () => provider.destroy() };
    if (typeof deployment.confirmations !== "number") await confirmedBlock(chain);
    return chain;
  } catch (error) {
    provider.destroy();
    throw chainError(error, abis, "connect to the contracts");
  }
}

/** A sender for the contract's moves: a key, the fees it may pay, and what it says on the way. */
export async function createAssaySender(
  chain: AssayChain,
  signer: AbstractSigner,
  fees: FeePolicy,
  onEvent?: (event: SenderEvent) => void,
  abort?: AbortSignal,
): Promise<Sender> {
  return await createSender(chain.provider, signer, {
    fees,
    abis,
    ...(onEvent && { onEvent }),
    ...(abort && { signal: abort }),
  });
}

async function checkCode(provider: RpcProvider, address: string): Promise<string> {
  const code = await provider.getCode(address);
  if (code === "0x") {
    throw new AssayError(
      "chain/no-contract",
      `there is no contract at ${address} on this chain: is it the right address?`,
      { address },
    );
  }
  return code;
}

/** A contract that does not answer as ours does is another one. */
async function readOrRefuse<T>(address: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const typed = chainError(error, abis, "read the contract");
    if (typed.code.endsWith("-fault") && !/BAD_DATA/.test(String((error as { code?: unknown }).code))) throw typed;
    throw new AssayError("chain/other-contract", `the contract at ${address} is not Assay as this program knows it`, {
      address,
    });
  }
}

async function checkStepVerifier(provider: RpcProvider, address: string): Promise<void> {
  const code = await checkCode(provider, address);
  const version = await readOrRefuse(address, async () =>
    Number(await IStepVerifier__factory.connect(address, provider).machineVersion()),
  );
  if (version !== ownMachineVersion) {
    throw new AssayError(
      "chain/other-machine",
      `the contracts execute machine version ${version}, this program has version ${ownMachineVersion}`,
      { expected: ownMachineVersion, given: version },
    );
  }
  const own = await deployedBy(provider, StepVerifier__factory.bytecode);
  checkSame("chain/other-machine", "step verifier", address, code, own);
}

/** Running creation code in a call returns the code that it would deploy here, immutable values included. */
export async function deployedBy(provider: RpcProvider, creationCode: string): Promise<string> {
  return await provider.call({ data: creationCode });
}

function checkSame(
  errorCode: "chain/other-contract" | "chain/other-machine",
  what: string,
  address: string,
  givenCode: string,
  ownCode: string,
): void {
  const expected = keccak256(ownCode);
  const given = keccak256(givenCode);
  if (given === expected) return;
  throw new AssayError(
    errorCode,
    `the ${what} at ${address} has code hash ${given}, this program's own has ${expected}: ` +
      "use the release that these contracts were deployed from",
    { expected, given, address },
  );
}

/** The terms that a contract says it has. */
export async function readParameters(contract: IAssay): Promise<Parameters> {
  const given = await contract.parameters();
  return {
    log2Arity: Number(given.log2Arity),
    maxLog2Steps: Number(given.maxLog2Steps),
    burnPermille: Number(given.burnPermille),
    solverBond: given.solverBond,
    challengerBond: given.challengerBond,
    solverBudgetSeconds: Number(given.solverBudgetSeconds),
    challengerBudgetSeconds: Number(given.challengerBudgetSeconds),
    minResponseSeconds: Number(given.minResponseSeconds),
    baseWindowSeconds: Number(given.baseWindowSeconds),
    tickAllowanceMicroseconds: Number(given.tickAllowanceMicroseconds),
    maxWindowSeconds: Number(given.maxWindowSeconds),
    minCommitAgeSeconds: Number(given.minCommitAgeSeconds),
    maxCommitAgeSeconds: Number(given.maxCommitAgeSeconds),
    reactionSeconds: Number(given.reactionSeconds),
    stepsPerSecond: Number(given.stepsPerSecond),
    solverDisputeGas: Number(given.solverDisputeGas),
    challengerDisputeGas: Number(given.challengerDisputeGas),
    gasPriceCeilingWei: given.gasPriceCeilingWei,
  };
}

/** The time of the newest block: the contracts know no other clock. Seconds. */
export async function chainTime(chain: AssayChain): Promise<number> {
  return (await new BlockReader(chain.provider).tagged("latest")).timestamp;
}

/**
 * Number of the newest block that the configuration believes; below 0 on a chain that is too young.
 * @throws AssayError `chain/no-block-tag`, `chain/...-fault`
 */
export async function confirmedBlock({ provider, deployment }: AssayChain): Promise<number> {
  const { confirmations } = deployment;
  const reader = new BlockReader(provider);
  if (typeof confirmations !== "number") return (await reader.tagged(confirmations)).number;
  return (await reader.tagged("latest")).number - confirmations;
}
