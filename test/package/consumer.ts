import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BaseContract, ContractFactory, type ContractMethod, JsonRpcProvider, Wallet } from "ethers";
import type { LocalChainFacts } from "../../src/cli/localChain.ts";
import type { InstalledPackage } from "../support/installedPackage.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Somebody else's project that has the package, and the tools of this checkout, among its modules. @returns its folder. */
export async function makeConsumer(installed: InstalledPackage): Promise<string> {
  const folder = join(installed.folder, "consumer");
  await cp(join(checkout, "test/package/consumer"), folder, { recursive: true });
  await cp(join(checkout, "docs/examples/api"), join(folder, "examples"), { recursive: true });
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@types"), { recursive: true });
  const link = async (target: string, name: string) => {
    await symlink(target, join(modules, name)).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  };
  await link(installed.root, "assay");
  await link(join(installed.root, "node_modules/ethers"), "ethers");
  for (const tool of ["hardhat", "solc", "@types/node"]) await link(join(checkout, "node_modules", tool), tool);
  return folder;
}

/** Compiles its contract with Hardhat. */
export async function compileConsumer(folder: string): Promise<void> {
  await run(process.execPath, [join(folder, "node_modules/hardhat/dist/src/cli.js"), "build", "--quiet"], {
    cwd: folder,
  });
}

/** Compiles its contract as Foundry does: with the compiler alone, and a remapping. @returns its errors. */
export async function errorsWithRemapping(folder: string): Promise<readonly string[]> {
  const file = "contracts/ReleasePayment.sol";
  const input = {
    language: "Solidity",
    sources: { [file]: { content: await readFile(join(folder, file), "utf8") } },
    settings: {
      remappings: ["assay/=node_modules/assay/"],
      outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
    },
  };
  const solc: { compile(input: string, callbacks: object): string } = createRequire(import.meta.url)("solc");
  const find = (path: string) => ({ contents: readFileSync(join(folder, path), "utf8") });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as {
    errors?: { severity: string; formattedMessage: string }[];
  };
  return (output.errors ?? []).filter(({ severity }) => severity === "error").map((each) => each.formattedMessage);
}

/** What the contract is to pay for. */
interface Payment {
  readonly buildId: string;
  readonly artifactSha256: string;
  readonly payee: string;
}

/** Deploys its contract with one ether in it. */
export async function deployPayment(
  folder: string,
  { rpc, assay, accounts }: LocalChainFacts,
  { buildId, artifactSha256, payee }: Payment,
): Promise<BaseContract & { release: ContractMethod }> {
  const file = join(folder, "artifacts/contracts/ReleasePayment.sol/ReleasePayment.json");
  const { abi, bytecode } = JSON.parse(await readFile(file, "utf8"));
  const wallet = new Wallet(accounts[4]!.key, new JsonRpcProvider(rpc));
  const factory = new ContractFactory(abi, bytecode, wallet);
  const contract = await factory.deploy(assay, buildId, artifactSha256, payee, { value: 10n ** 18n });
  return (await contract.waitForDeployment()) as BaseContract & { release: ContractMethod };
}

/** Compiles the examples against the package's declaration files. @throws with what the compiler says */
export async function checkExamples(folder: string): Promise<void> {
  try {
    await run(process.execPath, [join(checkout, "node_modules/.bin/tsc"), "-p", folder]);
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}

/** Runs an example. @returns what it prints. */
export async function runExample(folder: string, name: string, args: readonly string[] = []): Promise<string> {
  const { stdout } = await run(process.execPath, [`${name}.ts`, ...args], { cwd: join(folder, "examples") });
  return stdout;
}
