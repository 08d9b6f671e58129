import { ZeroAddress } from "ethers";
import { abis, deployedBy } from "../chain/assay.ts";
import { chainError, revertOf } from "../chain/errors.ts";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { assayCreation, bytecodeOf, type ContractName, contractNames } from "./contracts.ts";
import { describeRule } from "./terms.ts";

/** PUSH0, PUSH0, RETURN: creates an empty contract where there is PUSH0. */
const push0 = "0x5f5ff3";

/**
 * Runs the contracts' creation on the chain without sending anything: whether its EVM has all instructions, and whether the
 * contract takes the terms.
 * @throws AssayError `deployment/evm-lacks` naming what is missing, `deployment/bad-parameters`, `chain/...-fault`
 */
export async function examineEvm(provider: RpcProvider, terms: Parameters): Promise<void> {
  // Probes and rules come first in the constructor; the last thing is that this address holds no step verifier.
  const stopped = await tryCreation(provider, await assayCreation(terms, ZeroAddress));
  const revert = revertOf(stopped);
  if (revert?.name === "EvmLacks") throw lacks(String(revert.args[0]), provider);
  if (revert?.name === "ParameterOutOfRange") {
    const [name, least, most, given] = revert.args as [string, bigint, bigint, bigint];
    const text = `the contract refuses the parameters: ${describeRule({ name, least, most, given })}`;
    throw new AssayError("deployment/bad-parameters", text, { name, least, most, given });
  }
  if (revert?.name !== "StepVerifierMissing") {
    if ((await tryCreation(provider, push0)) !== undefined) throw lacks("PUSH0 (EIP-3855)", provider);
    throw cannotCreate("Assay", stopped, provider);
  }
  const failed = await tryCreation(provider, bytecodeOf("StepVerifier"));
  if (failed !== undefined) throw cannotCreate("StepVerifier", failed, provider);
}

/** @returns why it cannot be run on this chain, or undefined when it can. */
async function tryCreation(provider: RpcProvider, creation: string): Promise<AssayError | undefined> {
  try {
    await deployedBy(provider, creation);
    return undefined;
  } catch (error) {
    const typed = chainError(error, abis, "run the contracts' creation");
    if (isAssayError(typed, "chain/reverted", "chain/rpc-fault")) return typed;
    throw typed;
  }
}

function lacks(what: string, { host }: RpcProvider) {
  return new AssayError(
    "deployment/evm-lacks",
    `the EVM of the chain at ${host} lacks ${what}: Assay needs a chain with the rules of Ethereum's Cancun fork or later`,
    { lacks: what },
  );
}

function cannotCreate(name: ContractName, error: AssayError | undefined, { host }: RpcProvider) {
  const why = error === undefined ? "its EVM does not end a constructor that must revert" : error.message;
  const text = `the chain at ${host} cannot create ${name} (no EVM of Ethereum's, or a lower limit for code): ${why}`;
  return new AssayError("deployment/evm-lacks", text, { contract: name }, { cause: error });
}

/** What a deployment costs. Amounts in wei. */
export interface Cost {
  readonly gas: bigint;
  /** At the fees of now. */
  readonly expected: bigint;
  /** What the account must hold, so that the fees may double meanwhile. */
  readonly needed: bigint;
}

/**
 * Estimates what creating these contracts costs. Only the step verifier can be estimated before something is on the chain; the
 * price of the others is in proportion to their size, with a tenth to spare.
 * @param from account that pays, if it is known.
 * @throws AssayError `chain/fee-cap`, `chain/...-fault`
 */
export async function estimateCost(
  provider: RpcProvider,
  names: readonly string[],
  maxFeePerGas: bigint,
  from?: string,
): Promise<Cost> {
  if (names.length === 0) return { gas: 0n, expected: 0n, needed: 0n };
  try {
    const data = bytecodeOf("StepVerifier");
    const one = await provider.estimateGas({ data, ...(from !== undefined && { from }) });
    const bytes = (name: ContractName) => BigInt(bytecodeOf(name).length);
    const all = contractNames.filter((name) => names.includes(name)).reduce((sum, name) => sum + bytes(name), 0n);
    const gas = (one * all * 11n) / (bytes("StepVerifier") * 10n);
    const { now, most } = await feesOf(provider);
    if (most > maxFeePerGas) {
      throw new AssayError(
        "chain/fee-cap",
        `fees on this chain need up to ${most} wei per gas, the cap is ${maxFeePerGas}; raise the cap or wait`,
        { given: most, cap: maxFeePerGas },
      );
    }
    return { gas, expected: gas * now, needed: gas * most };
  } catch (error) {
    throw chainError(error, abis, "estimate the cost");
  }
}

/** Wei per gas that a transaction pays now, and that it may pay. */
async function feesOf(provider: RpcProvider): Promise<{ readonly now: bigint; readonly most: bigint }> {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
  if (maxFeePerGas === null || maxPriorityFeePerGas === null) return { now: gasPrice ?? 0n, most: gasPrice ?? 0n };
  const base = (maxFeePerGas - maxPriorityFeePerGas) / 2n;
  return { now: base + maxPriorityFeePerGas, most: maxFeePerGas };
}
