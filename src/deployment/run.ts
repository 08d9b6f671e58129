import { setTimeout as pause } from "node:timers/promises";
import {
  type DeploymentParameters,
  DeploymentResultType,
  deploy,
  listTransactions,
} from "@nomicfoundation/ignition-core";
import type { Wallet } from "ethers";
import { ownMachineVersion } from "../chain/assay.ts";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import { AssayError } from "../core/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { codeHashOf } from "./comparison.ts";
import { artifacts, bytecodeOf, type ContractName, contractNames } from "./contracts.ts";
import { Journal } from "./journal.ts";
import { assayModule } from "./module.ts";
import type { DeploymentRecord, RecordedContract } from "./record.ts";
import { recover } from "./recovery.ts";
import { SigningProvider } from "./signingProvider.ts";

/** What is to be deployed, where, and by whom. */
export interface DeploymentPlan {
  readonly provider: RpcProvider;
  readonly chainId: bigint;
  /** Hash of the chain's first block. */
  readonly genesis: string;
  readonly wallet: Wallet;
  readonly terms: Parameters;
  /** Folder of the journal. */
  readonly folder: string;
  /** No transaction pays more per gas, in wei. */
  readonly maxFeePerGas: bigint;
  /** Blocks that a transaction has to be in and under before the next is sent; 1 where each transaction is mined at once. */
  readonly confirmations?: number | undefined;
  /** Told what happens, in words. */
  readonly say?: (what: string) => void;
}

export interface Deployed {
  readonly record: DeploymentRecord;
  /** Transactions that this run has sent. */
  readonly sent: number;
}

/** Fees are raised by a tenth every three minutes, up to the cap. */
const feeRaises = 100;
/** Ignition does not begin while the account has transactions of others' in the last blocks. */
const waitingErrors = new Set([10402, 10403]);
const feeCapError = 10406;

/**
 * Deploys with Ignition, or goes on with what an earlier process has begun in the same folder; what stands already is not sent
 * again.
 * @throws AssayError `deployment/failed`, `deployment/other-account`, `deployment/not-kept`, `chain/fee-cap`,
 * `chain/insufficient-funds`, `chain/...-fault`
 */
export async function runDeployment(plan: DeploymentPlan): Promise<Deployed> {
  const { provider, wallet, chainId, terms, maxFeePerGas, confirmations } = plan;
  const say = plan.say ?? (() => {});
  const journal = new Journal(plan.folder);
  let sent = 0;
  const signer = new SigningProvider(provider, wallet, {
    chainId,
    maxFeePerGas,
    onSigned(signed, data) {
      journal.note(signed);
      sent++;
      const name = contractNames.find((each) => data.startsWith(bytecodeOf(each)));
      say(`${name}: transaction ${signed.hash}`);
    },
  });
  if (journal.begun) say("going on with what an earlier run has begun");
  await recover(journal, signer);
  const { pollMilliseconds } = provider.limits;
  const run = async () =>
    await deploy({
      provider: signer,
      artifactResolver: artifacts,
      ignitionModule: assayModule,
      deploymentDir: plan.folder,
      deploymentParameters: { Assay: { terms: { ...terms } } } as unknown as DeploymentParameters,
      accounts: [wallet.address, ...journal.senders.filter((sender) => sender !== wallet.address)],
      defaultSender: wallet.address,
      maxFeePerGasLimit: maxFeePerGas,
      config: {
        blockPollingInterval: pollMilliseconds,
        retryInterval: pollMilliseconds,
        maxFeeBumps: feeRaises,
        // Left out, Ignition takes 1 where transactions are mined at once, else 5.
        ...(confirmations !== undefined && { requiredConfirmations: confirmations }),
      },
    });
  const result = await untilCalm(run, async () => {
    say(`waiting until earlier transactions of ${wallet.address} have enough blocks above them`);
    await pause(pollMilliseconds);
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw failure(result);
  return { record: await recordOf(plan), sent };
}

/** Runs again while Ignition says that it has to wait. */
async function untilCalm<T>(run: () => Promise<T>, wait: () => Promise<void>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const { number, message } = error as { number?: number; message?: string };
      if (error instanceof AssayError || number === undefined) throw error;
      if (number === feeCapError) {
        const text = "cannot deploy: the chain's fees are above the cap; raise the cap or wait";
        throw new AssayError("chain/fee-cap", text, {}, { cause: error });
      }
      if (!waitingErrors.has(number))
        throw new AssayError("deployment/failed", `cannot deploy: ${message}`, {}, { cause: error });
      await wait();
    }
  }
}

type Result = Exclude<Awaited<ReturnType<typeof deploy>>, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>;

function failure(result: Result) {
  const facts =
    result.type === DeploymentResultType.EXECUTION_ERROR
      ? [
          ...result.failed.map(({ futureId, error }) => `${futureId}: ${error}`),
          ...result.timedOut.map(({ futureId }) => `${futureId}: not mined in time`),
        ]
      : Object.entries(result.errors).map(([future, errors]) => `${future}: ${errors.join(", ")}`);
  return new AssayError("deployment/failed", `cannot deploy: ${facts.join("; ")}`, { result: result.type, facts });
}

/** What the journal and the chain say of a finished deployment. */
async function recordOf({ provider, chainId, genesis, terms, folder }: DeploymentPlan): Promise<DeploymentRecord> {
  const transactions = await listTransactions(folder, artifacts);
  const read = async (name: ContractName) => {
    const made = transactions.find((each) => each.name === name && each.address !== undefined);
    const receipt = made && (await provider.getTransactionReceipt(made.txHash));
    if (made?.address === undefined || !receipt || receipt.contractAddress !== made.address) {
      throw new AssayError(
        "deployment/not-kept",
        `the chain has no ${name} where ${folder} says that it stands: it was reset, or reorganised deeply; remove that folder to deploy anew`,
        { folder, transaction: made?.txHash },
      );
    }
    const contract: RecordedContract = {
      address: made.address,
      transaction: made.txHash,
      block: receipt.blockNumber,
      codeHash: await codeHashOf(provider, made.address),
    };
    return { contract, from: receipt.from };
  };
  const stepVerifier = await read("StepVerifier");
  const assay = await read("Assay");
  const lens = await read("AssayLens");
  return {
    version: 1,
    chainId: Number(chainId),
    genesis,
    machineVersion: ownMachineVersion,
    deploymentBlock: assay.contract.block,
    deployer: assay.from,
    contracts: { stepVerifier: stepVerifier.contract, assay: assay.contract, lens: lens.contract },
    parameters: terms,
  };
}
