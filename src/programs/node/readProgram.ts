import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AssayError } from "../../core/errors.ts";
import { packageFiles } from "../../core/node/packageFiles.ts";
import type { Program } from "../program.ts";

/**
 * The program's binary, checked against the hash in its description.
 * @throws AssayError `programs/unreadable` when it has not been built, `programs/other-binary` when it is another one
 */
export async function readProgram(
  program: Pick<Program, "name" | "sha256">,
  folder: URL = packageFiles.wasm,
): Promise<Uint8Array> {
  const file = new URL(`${program.name}.wasm`, folder);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new AssayError(
      "programs/unreadable",
      `cannot read the program ${program.name}: run "npm run build:wasm"`,
      { file: file.href },
      { cause },
    );
  }
  const sha256 = `0x${createHash("sha256").update(bytes).digest("hex")}`;
  if (sha256 !== program.sha256) {
    throw new AssayError(
      "programs/other-binary",
      `the binary of ${program.name} has sha256 ${sha256}, its description says ${program.sha256}: ` +
        'run "npm run build:wasm"; after a change of the program put the new hash into its manifest',
      { expected: program.sha256, given: sha256 },
    );
  }
  return bytes;
}
