import { keccak256 } from "ethers";
import { abis, deployedBy, ownMachineVersion, readParameters } from "../chain/assay.ts";
import { chainError } from "../chain/errors.ts";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import { isAssayError } from "../core/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { IStepVerifier__factory } from "../types/factories/interfaces/IStepVerifier__factory.ts";
import { assayCreation, bytecodeOf, lensCreation } from "./contracts.ts";
import type { DeploymentRecord } from "./record.ts";

/** One fact about contracts on a chain, beside what it should be. */
export interface Comparison {
  /** "code" is about what the contracts are, "parameter" about one of the terms. */
  readonly kind: "code" | "parameter";
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly same: boolean;
}

/** What is compared. */
export interface Compared {
  /** Address of `Assay`. */
  readonly assay: string;
  /** What a deployment's file says. */
  readonly record?: DeploymentRecord | undefined;
  /** Terms that the contract should have, beside those of the record. */
  readonly terms?: Parameters | undefined;
}

const nothing = "no contract";
const foreign = "does not answer as Assay does";

/**
 * Compares contracts with this program's own: the code that its creation code makes on that very chain with the terms that the
 * contract says it has; and with a deployment's file and a parameter file, where there are some. Nothing is thrown because
 * something differs.
 * @throws AssayError `chain/...-fault`
 */
export async function compareDeployment(
  provider: RpcProvider,
  { assay, record, terms }: Compared,
): Promise<Comparison[]> {
  const contract = IAssay__factory.connect(assay, provider);
  const found = await orUndefined(async () => await readParameters(contract));
  const stepVerifier = await orUndefined(async () => await contract.stepVerifier());
  const rows: Comparison[] = [];
  const add = (kind: Comparison["kind"], what: string, expected: string, given: string) =>
    void rows.push({ kind, what, expected, found: given, same: expected === given });
  if (record !== undefined) {
    const first = await provider.getBlock(0);
    add("code", "first block", record.genesis, first?.hash ?? "not known to the server");
    add("code", "StepVerifier, address", record.contracts.stepVerifier.address, stepVerifier ?? foreign);
  }
  const verifierAt = record?.contracts.stepVerifier.address ?? stepVerifier;
  const version =
    verifierAt &&
    (await orUndefined(async () => await IStepVerifier__factory.connect(verifierAt, provider).machineVersion()));
  add("code", "machine version", String(ownMachineVersion), String(version ?? foreign));

  const ownCode = async (creation: string) => keccak256(await deployedBy(provider, creation));
  const code = async (name: string, at: string | undefined, creation: string | undefined, recorded?: string) => {
    const own = creation === undefined ? `that of Assay` : await ownCode(creation);
    add("code", `${name}, code`, own, at === undefined ? foreign : await codeHashOf(provider, at));
    if (recorded !== undefined && recorded !== own) add("code", `${name}, code in the file`, own, recorded);
  };
  await code("StepVerifier", verifierAt, bytecodeOf("StepVerifier"), record?.contracts.stepVerifier.codeHash);
  // The terms come from outside: creation code refuses some, and then no code of ours has them.
  const creation = found && stepVerifier && (await assayCreation(found, stepVerifier));
  const works = creation !== undefined && (await orUndefined(async () => await deployedBy(provider, creation)));
  await code("Assay", assay, works ? creation : undefined, record?.contracts.assay.codeHash);
  if (record !== undefined) {
    const { lens } = record.contracts;
    await code("AssayLens", lens.address, await lensCreation(assay), lens.codeHash);
  }
  for (const [source, given] of [
    ["", record?.parameters],
    [record === undefined ? "" : " (parameter file)", terms],
  ] as const) {
    for (const [name, value] of Object.entries(given ?? {})) {
      const value_ = found?.[name as keyof Parameters];
      add("parameter", `${name}${source}`, String(value), value_ === undefined ? foreign : String(value_));
    }
  }
  return rows;
}

/** keccak256 of the code at an address, or that there is none. */
export async function codeHashOf(provider: RpcProvider, address: string): Promise<string> {
  const code = await provider.getCode(address);
  return code === "0x" ? nothing : keccak256(code);
}

/** What a contract answers, or undefined if it does not answer as ours does; a server that cannot be asked is an error. */
async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as { code?: unknown }).code === "BAD_DATA") return undefined;
    const typed = chainError(error, abis, "compare the contracts");
    if (isAssayError(typed, "chain/reverted")) return undefined;
    throw typed;
  }
}
