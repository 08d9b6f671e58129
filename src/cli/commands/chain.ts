import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { createOutput, table } from "../output.ts";
import { addChainVerify } from "./chainVerify.ts";

interface Options {
  readonly port: number;
  readonly config: string;
  readonly json: boolean;
}

export function defineChain(chain: Command): void {
  chain
    .command("start", { isDefault: true })
    .description("run a local chain with everything deployed, until interrupted")
    .option("--port <number>", "port of the JSON-RPC server on 127.0.0.1; 0 takes a free one", port, 8545)
    .option("--config <file>", "configuration file to write", "assay.yaml")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  assay chain                          writes assay.yaml; other commands in this folder then find the chain
  assay chain --port 0 --config /tmp/a.yaml --json

The chain lives in memory and ends with the process. Its accounts and keys are the well-known ones of Hardhat:
never use them elsewhere.`,
    )
    .action(run);
  addChainVerify(chain);
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError("a number below 65536");
  return value;
}

async function run(options: Options): Promise<void> {
  const output = createOutput(options.json);
  const file = resolve(options.config);
  await checkOutputFile(file);
  // With Ignition and Hardhat, which `--help` and `chain verify` do without.
  const { startLocalChain } = await import("../localChain.ts");
  const chain = await startLocalChain(options.port);
  try {
    await writeOutputFile(file, chain.configuration);
    output.data({ ...chain.facts, config: file }, () => [
      ...table([
        ["rpc", chain.facts.rpc],
        ["chain id", String(chain.facts.chainId)],
        ["Assay", chain.facts.assay],
        ["StepVerifier", chain.facts.stepVerifier],
        ["configuration", file],
      ]),
      "",
      "accounts with 10,000 ether each (keys: ASSAY_KEY):",
      ...chain.facts.accounts.map(({ address, key }) => `  ${address}  ${key}`),
    ]);
    await new Promise<void>((done) => {
      process.once("SIGINT", () => done());
      process.once("SIGTERM", () => done());
    });
  } finally {
    await chain.close();
  }
}
