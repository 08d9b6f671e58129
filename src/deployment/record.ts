import { getAddress, isAddress } from "ethers/address";
import { z } from "zod";
import { AssayError } from "../core/errors.ts";
import { faultsOf, termsSchema, termsToJson } from "./terms.ts";

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, "is not 0x and 64 hexadecimal digits in lower case");
const address = z
  .string()
  .refine((text) => isAddress(text), "is not an address")
  .transform((text) => getAddress(text));
const contract = z.strictObject({
  address,
  /** Hash of the transaction that created it. */
  transaction: hash,
  block: z.int().nonnegative(),
  /** keccak256 of its code. */
  codeHash: hash,
});

/** `deploy/deployments/<chainId>.json`: everything about a deployment that others need to use and to check it. */
const schema = z.strictObject({
  version: z.literal(1),
  chainId: z.int().positive(),
  /** Hash of the chain's first block: test chains have the same id again and again. */
  genesis: hash,
  /** Version of the machine that the step verifier executes. */
  machineVersion: z.int().positive(),
  /** Block in which `Assay` was created: events are read from there on. */
  deploymentBlock: z.int().nonnegative(),
  /** Account that paid. */
  deployer: address,
  contracts: z.strictObject({ stepVerifier: contract, assay: contract, lens: contract }),
  parameters: termsSchema,
});

/** A deployment, as its file has it: addresses, block, code hashes, parameters. */
export type DeploymentRecord = z.output<typeof schema>;
/** One contract of a deployment. */
export type RecordedContract = z.output<typeof contract>;

/**
 * Reads a deployment's file and checks every value.
 * @param file where the text came from, for errors.
 * @throws AssayError `deployment/bad-record` naming everything that is wrong.
 */
export function parseRecord(text: string, file: string): DeploymentRecord {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError("deployment/bad-record", `the deployment ${file} is not JSON: ${why}`, { file }, { cause });
  }
  const checked = schema.safeParse(raw);
  if (checked.success) return checked.data;
  const faults = faultsOf(checked.error);
  throw new AssayError("deployment/bad-record", `the deployment ${file}: ${faults.join("; ")}`, { file, faults });
}

/** The text of a record's file. */
export function writeRecord(record: DeploymentRecord): string {
  return `${JSON.stringify({ ...record, parameters: termsToJson(record.parameters) }, null, 2)}\n`;
}
