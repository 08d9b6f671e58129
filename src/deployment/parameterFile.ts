import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/errors.ts";
import { packageFiles } from "../core/node/packageFiles.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { parseParameters } from "./terms.ts";

/** The parameter sets that come with Assay; docs/protocol.md has what follows from each. */
export const parameterSets = ["local", "testnet", "l2", "mainnet"] as const;
export type ParameterSet = (typeof parameterSets)[number];

const isSet = (name: string): name is ParameterSet => (parameterSets as readonly string[]).includes(name);

/** The file of a set. */
export function parameterFile(set: ParameterSet): string {
  return fileURLToPath(new URL(`${set}.json`, packageFiles.parameters));
}

/**
 * Reads the terms of a set that comes with Assay, or of a file.
 * @throws AssayError `deployment/bad-parameters`
 */
export async function readParameters(nameOrFile: string): Promise<Parameters> {
  const file = isSet(nameOrFile) ? parameterFile(nameOrFile) : resolve(nameOrFile);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const message = `cannot read the parameters ${file}: name a JSON file, or one of ${parameterSets.join(", ")}`;
    throw new AssayError("deployment/bad-parameters", message, { file }, { cause });
  }
  return parseParameters(text, file);
}
