import { resolve } from "node:path";
import type { Command } from "commander";
import { type Comparison, compareDeployment } from "../../deployment/comparison.ts";
import { readParameters } from "../../deployment/parameterFile.ts";
import type { DeploymentRecord } from "../../deployment/record.ts";
import { readConfig } from "../config.ts";
import { readDeploymentFile } from "../deploymentFile.ts";
import { exitStatus } from "../exitStatus.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, grid } from "../output.ts";
import { connectPlainly, withRpcOption } from "../rpcOptions.ts";
import { rpcLimitsOf } from "../session.ts";

interface Options extends CommonOptions {
  readonly rpc?: readonly string[];
  readonly deployment?: string;
  readonly parameters?: string;
}

export function addChainVerify(chain: Command): void {
  const command = chain
    .command("verify")
    .description("compare the contracts on a chain with this program's own, with a deployment's file, with parameters")
    .option("--deployment <file>", "what `assay deploy` wrote (default: the contracts that the configuration names)")
    .option("--parameters <file>", "parameter file, or local, testnet, l2, mainnet: what the terms must be");
  withRpcOption(command, "JSON-RPC server, instead of the configuration's; may be given several times");
  withCommonOptions(command)
    .addHelpText(
      "after",
      `
The code is compared with what this program's own creation code makes on that very chain, with the terms that stand there.
Exit status 0: everything is the same; 7: another chain, code or machine; 5: only parameters differ.

Examples:
  assay chain verify
  assay chain verify --deployment deploy/deployments/1.json --rpc https://rpc.example
  assay chain verify --parameters testnet --json`,
    )
    .action(run);
}

/** What is to be compared, and how it is reached. */
interface Target {
  readonly rpc: readonly string[];
  readonly chainId: number;
  readonly assay: string;
  readonly record?: DeploymentRecord | undefined;
  readonly limits?: ReturnType<typeof rpcLimitsOf>;
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const terms = options.parameters === undefined ? undefined : await readParameters(options.parameters);
  const { rpc, chainId, assay, record, limits } = await targetOf(options);
  const { provider } = await connectPlainly(rpc, BigInt(chainId), limits);
  try {
    const rows = await compareDeployment(provider, { assay, record, terms });
    const different = rows.filter(({ same }) => !same);
    output.data({ chainId, assay, same: different.length === 0, rows }, () => [
      ...grid(["what", "expected", "on the chain", ""], rows.map(line)),
      "",
      different.length === 0
        ? `chain ${chainId}: everything is as it should be`
        : `chain ${chainId}: ${different.length} of ${rows.length} differ: ${different.map(({ what }) => what).join("; ")}`,
    ]);
    if (different.some(({ kind }) => kind === "code")) process.exitCode = exitStatus.otherChain;
    else if (different.length > 0) process.exitCode = exitStatus.mismatch;
  } finally {
    provider.destroy();
  }
}

const line = ({ what, expected, found, same }: Comparison) => [what, expected, found, same ? "same" : "DIFFERS"];

async function targetOf({ deployment, rpc, config }: Options): Promise<Target> {
  const named = deployment === undefined ? undefined : readDeploymentFile(resolve(deployment));
  if (named !== undefined && rpc !== undefined) return target(rpc, named);
  const file = await readConfig(config, process.env);
  const servers = rpc ?? [file.rpc].flat();
  const limits = rpcLimitsOf(file);
  const record = named ?? (file.deployment === undefined ? undefined : readDeploymentFile(file.deployment));
  if (record !== undefined) return { ...target(servers, record), limits };
  return { rpc: servers, chainId: file.chainId, assay: file.assay, limits };
}

function target(rpc: readonly string[], record: DeploymentRecord): Target {
  return { rpc, chainId: record.chainId, assay: record.contracts.assay.address, record };
}
