import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { BuildResult } from "../../attestation/buildResult.ts";
import { parseBundle } from "../../attestation/bundle.ts";
import { type KeyId, parseKeyId } from "../../attestation/keys.ts";
import { mostBundleCharacters } from "../../attestation/limits.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { Named, Places } from "./places.ts";
import { onlyResult, resultsIn } from "./signedBy.ts";

/** One of two things that are compared: a result, or an artifact by itself. */
export interface DiffSide {
  /** As it was named. */
  readonly name: string;
  readonly signers: readonly KeyId[];
  readonly result: BuildResult | undefined;
  /** Undefined where the build has failed. */
  readonly artifact: (Named & { readonly name: string }) | undefined;
  /** The artifact's bytes. @throws AssayError `cli/diff-unavailable` */
  readonly read: () => Promise<Uint8Array>;
}

/**
 * What an argument means: a build id, a file that holds signed results, or any other file, which is an artifact. A key behind an `@` says
 * whose result is meant.
 * @throws AssayError `cli/bad-argument`, `cli/diff-unavailable`
 */
export async function sideOf(argument: string, places: Places, mostBytes: number): Promise<DiffSide> {
  const { name, key } = partsOf(argument);
  if (/^0x[0-9a-fA-F]{64}$/.test(name)) {
    const found = await places.resultsOf(name.toLowerCase() as Root);
    return sideOfResult(argument, onlyResult(name, found, key), places);
  }
  const content = await readInput(name, mostBytes);
  const results = resultsInFile(name, content);
  if (results !== undefined) return sideOfResult(argument, onlyResult(name, results, key), places);
  if (key !== undefined) throw bad(`${name} holds no signed result, so that nobody has signed it`);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const artifact = { name: basename(name), sha256, size: content.length };
  return { name: argument, signers: [], result: undefined, artifact, read: async () => content };
}

function partsOf(argument: string): { readonly name: string; readonly key: KeyId | undefined } {
  const at = argument.lastIndexOf("@did:key:");
  if (at < 1) return { name: argument, key: undefined };
  try {
    return { name: argument.slice(0, at), key: parseKeyId(argument.slice(at + 1)) };
  } catch {
    throw bad(`${argument}: what follows the @ is not the did:key of an Ed25519 key`);
  }
}

function sideOfResult(
  name: string,
  { result, signers }: { readonly result: BuildResult; readonly signers: readonly KeyId[] },
  places: Places,
): DiffSide {
  const { artifact } = result;
  return { name, result, signers, artifact, read: async () => await places.read(artifact!) };
}

async function readInput(file: string, mostBytes: number): Promise<Uint8Array> {
  try {
    const handle = await open(file, "r");
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw bad(`${file} is not a file: name an artifact, signed results, or a build id`);
      if (facts.size > mostBytes) throw bad(`${file} has ${facts.size} bytes, more than --max-bytes (${mostBytes})`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
}

/** The signed results of a file; undefined if it holds no envelope, and so is something else. */
function resultsInFile(name: string, content: Uint8Array) {
  if (content.length > mostBundleCharacters || content.find((byte) => byte > 0x20) !== 0x7b) return undefined;
  const { envelopes } = parseBundle(new TextDecoder().decode(content));
  if (envelopes.length === 0) return undefined;
  const results = resultsIn(envelopes);
  if (results.length > 0) return results;
  throw bad(
    `${name}: none of its ${envelopes.length} envelopes is a result of a build that the key it names has signed`,
  );
}

function bad(message: string) {
  return new AssayError("cli/bad-argument", message);
}
