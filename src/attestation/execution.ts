import { concatBytes, fromHex, type Root } from "../core/bytes.ts";
import { contentIdOf } from "../store/contentId.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { type KeyId, type Signer, signerOf, verifySignature } from "./keys.ts";

/**
 * Shows that a builder has the memory that its build ends with, which is published nowhere. Every run of a build ends with the same
 * one, and so gives the same secret key: the build's *execution key*. A builder signs its own name with it. Who has only seen what
 * others publish can neither make that signature nor use theirs, which is for their names.
 */
export interface ExecutionProof {
  /** The execution key's public half: the same from all who have run the build. */
  readonly key: KeyId;
  /** Over the build, its last state and the builder's key, in base64. */
  readonly signature: string;
}

/** What a proof is about. */
export interface Execution {
  readonly buildId: Root;
  /** The machine's last state. */
  readonly finalRoot: Root;
}

const encoder = new TextEncoder();

/** The execution key of a run. @param secret what only its memory tells (`MachineSession.executionSecret`), 32 bytes. */
export function executionKey({ buildId, finalRoot }: Execution, secret: Uint8Array): Signer {
  const parts = [fromHex(buildId, 32), fromHex(finalRoot, 32), secret];
  const seed = contentIdOf(concatBytes(encoder.encode("assay execution key v1\n"), ...parts));
  return signerOf(fromHex(`0x${seed.slice("sha256:".length)}`, 32));
}

/** A run's result, with the proof that this builder has run it. @param key the run's execution key. */
export async function withProof<Result extends Execution>(
  result: Result,
  key: Signer,
  builder: KeyId,
): Promise<Result & { readonly execution: ExecutionProof }> {
  const signature = toBase64(await key.sign(provenBytes(result, builder)));
  return { ...result, execution: { key: key.keyId, signature } };
}

/** Whether a proof is right, and made for this builder. Whose key the execution key is, only a run can tell. Never throws. */
export function isProofFor(builder: KeyId, execution: Execution, { key, signature }: ExecutionProof): boolean {
  try {
    return verifySignature(key, provenBytes(execution, builder), fromBase64(signature, "proof of execution"));
  } catch {
    return false;
  }
}

function provenBytes({ buildId, finalRoot }: Execution, builder: KeyId): Uint8Array {
  return encoder.encode(`assay execution proof v1\n${buildId}\n${finalRoot}\n${builder}\n`);
}
