import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { formatEther, type Wallet } from "ethers";
import { type LockFile, takeLock } from "../../agents/lockFile.ts";
import type { ChainErrorCode } from "../../chain/errors.ts";
import { loadKey } from "../../chain/node/keys.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { compareDeployment } from "../../deployment/comparison.ts";
import { contractNames, deploymentKey } from "../../deployment/contracts.ts";
import { type Cost, estimateCost, examineEvm } from "../../deployment/examination.ts";
import { Journal } from "../../deployment/journal.ts";
import { readParameters } from "../../deployment/parameterFile.ts";
import { type DeploymentRecord, writeRecord } from "../../deployment/record.ts";
import type { Parameters } from "../../protocol/parameters.ts";
import { writeFileAtomically } from "../../store/node/atomicFile.ts";
import { gweiToWei } from "../config.ts";
import { findDeploymentFile } from "../deploymentFile.ts";
import { parseGwei, parsePositive } from "../options.ts";
import { createOutput, type Output, table } from "../output.ts";
import { connectPlainly, type PlainChain, withRpcOption } from "../rpcOptions.ts";

interface Options {
  readonly rpc: readonly string[];
  readonly parameters: string;
  readonly chainId?: number;
  readonly out?: string;
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly maxFeeGwei: number;
  readonly confirmations?: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export function defineDeploy(command: Command): void {
  withRpcOption(
    command,
    "JSON-RPC server of the chain; may be given several times, the next is asked when one fails",
    true,
  )
    .requiredOption("--parameters <file>", "parameter file, or local, testnet, l2, mainnet: the sets that come along")
    .option("--chain-id <id>", "refuse a server of another chain", parsePositive)
    .option("--out <file>", "file to write (default: deploy/deployments/<chain id>.json)")
    .option("--keystore <file>", "encrypted keystore; its password from --password-file or ASSAY_PASSWORD")
    .option("--password-file <file>", "file that holds the keystore's password on its first line")
    .option("--max-fee-gwei <amount>", "no transaction pays more per unit of gas", parseGwei, 200)
    .option(
      "--confirmations <n>",
      "blocks before a transaction is believed (default: 5; 1 on chains that mine at once)",
      parsePositive,
    )
    .option("--dry-run", "check everything, say what it costs, and send nothing", false)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The key comes from the keystore or the environment (ASSAY_KEY), never from arguments. Before anything is sent, it is checked
that the parameters obey the contract's rules, that the chain's EVM has what the contracts need, and that the account can pay.

A deployment that was interrupted goes on where it was when the same command is run again; its journal stands in
journals/ beside the file. When everything stands already, nothing is sent.

Examples:
  assay deploy --rpc https://rpc.example --parameters testnet --dry-run
  ASSAY_KEY=0x… assay deploy --rpc http://127.0.0.1:8545 --parameters local --out local.json`,
    );
  command.action(run);
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const terms = await readParameters(options.parameters);
  const expected = options.chainId === undefined ? undefined : BigInt(options.chainId);
  const chain = await connectPlainly(options.rpc, expected);
  try {
    output.note(`chain ${chain.chainId} at ${chain.provider.host}`);
    const file = resolve(options.out ?? join("deploy", "deployments", `${chain.chainId}.json`));
    const existing = findDeploymentFile(file);
    if (existing !== undefined) {
      await requireSame(existing, file, chain, terms);
      return report(output, { record: existing, file, sent: 0 });
    }
    await deployTo(chain, terms, file, options, output);
  } finally {
    chain.provider.destroy();
  }
}

/** A file that tells of another deployment is not written over: it may be all that tells where that one is. */
async function requireSame(
  record: DeploymentRecord,
  file: string,
  chain: PlainChain,
  terms: Parameters,
): Promise<void> {
  const compared = { assay: record.contracts.assay.address, record, terms };
  const rows = record.genesis === chain.genesis ? await compareDeployment(chain.provider, compared) : undefined;
  const different = rows?.filter(({ same }) => !same) ?? [];
  if (rows !== undefined && different.length === 0) return;
  const facts = different.map(({ what, expected, found }) => `${what}: ${expected}, on the chain ${found}`);
  const why =
    rows === undefined ? "a chain with another first block" : `something else (${facts.slice(0, 5).join("; ")})`;
  throw new AssayError(
    "deployment/other-record",
    `${file} is about ${why}: move it away, or name another file with --out`,
    { file },
  );
}

async function deployTo(
  chain: PlainChain,
  terms: Parameters,
  file: string,
  options: Options,
  output: Output,
): Promise<void> {
  const { provider, chainId, genesis } = chain;
  await examineEvm(provider, terms);
  const wallet = await walletOf(options);
  const folder = join(dirname(file), "journals", `${chainId}-${await deploymentKey(genesis, terms)}`);
  const { finished } = new Journal(folder);
  const missing = contractNames.filter((name) => !finished.includes(name));
  const maxFeePerGas = gweiToWei(options.maxFeeGwei);
  const cost = await estimateCost(provider, missing, maxFeePerGas, wallet?.address);
  const balance = wallet && (await provider.getBalance(wallet.address));
  if (balance !== undefined && balance < cost.needed) throw tooPoor(wallet!.address, balance, cost);
  if (options.dryRun || wallet === undefined) {
    const facts = { chainId, genesis, deployer: wallet?.address, balance, ...cost, missing, file, parameters: terms };
    return output.data(facts, () => dryLines(chain, wallet?.address, balance, cost, missing, file));
  }
  output.note(`${missing.length} contracts for about ${formatEther(cost.expected)} ether, paid by ${wallet.address}`);
  const lock = lockJournal(folder);
  const progress = output.progress("deploying");
  try {
    // Ignition is loaded when it is needed: every other command starts faster without it.
    const { runDeployment } = await import("../../deployment/run.ts");
    const { confirmations } = options;
    const say = (what: string) => progress.update(what);
    const plan = { provider, chainId, genesis, wallet, terms, folder, maxFeePerGas, confirmations, say };
    const { record, sent } = await runDeployment(plan);
    await requireSame(record, folder, chain, terms);
    await writeFileAtomically(file, writeRecord(record));
    progress.end();
    report(output, { record, file, sent });
  } finally {
    progress.end();
    lock.release();
  }
}

function lockJournal(folder: string): LockFile {
  try {
    return takeLock(folder);
  } catch (error) {
    if (!isAssayError(error, "agents/locked")) throw error;
    const { pid } = error.details;
    throw new AssayError("deployment/failed", `process ${pid} is making this very deployment: wait for it`, {
      folder,
      pid,
    });
  }
}

/** A dry run needs no key: then it says nothing about a balance. */
async function walletOf({ keystore, passwordFile, dryRun }: Options): Promise<Wallet | undefined> {
  if (dryRun && keystore === undefined && process.env.ASSAY_KEY === undefined) return undefined;
  return await loadKey({ keystore, passwordFile }, process.env);
}

function tooPoor(address: string, balance: bigint, { needed, gas }: Cost): AssayError<ChainErrorCode> {
  const text = `${address} has ${formatEther(balance)} ether and needs ${formatEther(needed)} (${gas} gas, at twice the base fee of now): send it ${formatEther(needed - balance)}`;
  return new AssayError("chain/insufficient-funds", text, { address, balance, needed });
}

function dryLines(
  { chainId, provider }: PlainChain,
  deployer: string | undefined,
  balance: bigint | undefined,
  { gas, expected, needed }: Cost,
  missing: readonly string[],
  file: string,
): string[] {
  return [
    ...table([
      ["chain", `${chainId} at ${provider.host}`],
      ["EVM", "has what the contracts need, and takes the parameters"],
      ["to be created", missing.join(", ") || "nothing: everything stands"],
      ["gas", String(gas)],
      ["cost now", `${formatEther(expected)} ether`],
      ["needed", `${formatEther(needed)} ether`],
      ["account", deployer === undefined ? "no key given" : `${deployer}, ${formatEther(balance!)} ether`],
      ["file", file],
    ]),
    "",
    "dry run: nothing was sent",
  ];
}

function report(
  output: Output,
  { record, file, sent }: { record: DeploymentRecord; file: string; sent: number },
): void {
  const { contracts, chainId, deploymentBlock, deployer } = record;
  output.data({ ...record, file, sent }, () => [
    ...table([
      ["chain id", String(chainId)],
      ["Assay", contracts.assay.address],
      ["StepVerifier", contracts.stepVerifier.address],
      ["AssayLens", contracts.lens.address],
      ["block", String(deploymentBlock)],
      ["deployer", deployer],
      ["file", file],
    ]),
    "",
    sent === 0
      ? "stands already, with the same code and parameters: nothing was sent"
      : `${sent} transactions sent; a configuration finds the contracts with the line \`deployment: ${file}\``,
  ]);
}
