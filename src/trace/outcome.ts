import { toHex } from "../core/bytes.ts";
import { headerBytes } from "../machine/layout.ts";
import { Register, Status } from "../machine/registers.ts";
import { decodeHeader } from "../machine/witness.ts";
import type { Outcome } from "../protocol/claim.ts";

/**
 * What a final state says about its build, as the contract reads it. What a trapped program left in its record is not a result.
 * @param endProof registers and result record of the state (format: `IStepVerifier.result`).
 */
export function outcomeOf(endProof: Uint8Array): Outcome {
  const { registers } = decodeHeader(endProof);
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const register = (number: number) => view(registers).getUint32(4 * number, true);
  const endStatus = register(Register.status);
  if (endStatus === Status.trapped) {
    const code = register(Register.trapCode);
    return { endStatus, code, recordVersion: 0, artifactSize: 0n, artifactSha256: toHex(new Uint8Array(32)) };
  }
  const record = view(endProof.subarray(headerBytes));
  return {
    endStatus,
    recordVersion: record.getUint32(0, true),
    code: record.getUint32(4, true),
    artifactSize: record.getBigUint64(8, true),
    artifactSha256: toHex(endProof.subarray(headerBytes + 16, headerBytes + 48)),
  };
}
