import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import config from "../../hardhat.config.ts";

const require = createRequire(import.meta.url);
const root = new URL("../../", import.meta.url);

/** A change of a contract's source that makes it wrong. */
export interface Mutation {
  /** Below `contracts/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface AbiParameter {
  readonly name: string;
  readonly type: string;
}

export interface AbiFunction {
  readonly name: string;
  readonly inputs: readonly AbiParameter[];
}

export interface Compiled {
  readonly abi: readonly AbiFunction[];
  /** By signature: `add(uint256,uint256)`. */
  readonly selectors: Readonly<Record<string, string>>;
  readonly code: Uint8Array;
}

/** Of which deployed contract the settings are used: they differ in how much the optimizer inlines. */
export type Deployment = "protocol" | "machine";

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<string, Record<string, CompiledContract>>;
}

interface CompiledContract {
  readonly abi: readonly AbiFunction[];
  readonly evm: {
    readonly deployedBytecode: { readonly object: string };
    readonly methodIdentifiers: Record<string, string>;
  };
}

/**
 * The contract `contracts/testing/properties/<name>.sol`, compiled as it would be deployed, once for each variant: with all its
 * mutations. Only sources change, so that every variant is what the compiler makes of plausible mistakes.
 */
export function compile(
  name: string,
  deployment: Deployment,
  variants: readonly (readonly Mutation[])[],
): readonly Compiled[] {
  const paths = variants.map((_, i) => `variant${i}/contracts/testing/properties/${name}.sol`);
  const read = (path: string): { contents: string } | { error: string } => {
    const [, variant, inside] = /^variant(\d+)\/(.*)$/.exec(path) ?? [];
    try {
      return { contents: mutated(inside ?? path, variants[Number(variant)] ?? []) };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(
      paths.map((path) => [path, { content: (read(path) as { contents: string }).contents }]),
    ),
    settings: {
      ...settingsOf(deployment),
      outputSelection: Object.fromEntries(
        paths.map((path) => [path, { [name]: ["abi", "evm.deployedBytecode.object", "evm.methodIdentifiers"] }]),
      ),
    },
  };
  const solc: { compile(input: string, callbacks: { import: typeof read }): string } = require("solc");
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  const failures = (output.errors ?? []).filter((error) => error.severity === "error");
  if (failures.length > 0) throw new Error(failures.map((error) => error.formattedMessage).join("\n"));
  return paths.map((path) => compiledOf(output.contracts[path]![name]!));
}

function compiledOf(contract: CompiledContract): Compiled {
  return {
    abi: contract.abi,
    selectors: contract.evm.methodIdentifiers,
    code: Buffer.from(contract.evm.deployedBytecode.object, "hex"),
  };
}

function mutated(path: string, mutations: readonly Mutation[]): string {
  const text = readFileSync(path.startsWith("contracts/") ? new URL(path, root) : require.resolve(path), "utf8");
  return mutations
    .filter(({ file }) => path === `contracts/${file}`)
    .reduce((before, { find, replace }) => {
      if (before.split(find).length !== 2) throw new Error(`${path} does not hold "${find}" exactly once`);
      return before.replace(find, () => replace);
    }, text);
}

interface SolidityConfig {
  readonly compilers: readonly { readonly settings: object }[];
  readonly overrides: Readonly<Record<string, { readonly settings: object }>>;
}

function settingsOf(deployment: Deployment): object {
  const { compilers, overrides } = config.solidity as unknown as SolidityConfig;
  return deployment === "machine" ? compilers[0]!.settings : overrides["contracts/Assay.sol"]!.settings;
}
