import { toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { type ResultRecord, resultRecordSize } from "./program.ts";

/**
 * Reads the result record from the first 128 bytes of a memory. A record of another version than 1 is returned as it is:
 * what it means is for the caller to say.
 * @throws AssayError `programs/short-record`
 */
export function readResultRecord(memory: Uint8Array): ResultRecord {
  if (memory.length < resultRecordSize) {
    throw new AssayError("programs/short-record", `expected at least ${resultRecordSize} bytes, got ${memory.length}`, {
      expected: resultRecordSize,
      given: memory.length,
    });
  }
  const view = new DataView(memory.buffer, memory.byteOffset, resultRecordSize);
  return {
    version: view.getUint32(0, true),
    exitCode: view.getUint32(4, true),
    artifactSize: view.getBigUint64(8, true),
    artifactSha256: toHex(memory.subarray(16, 48)),
    outputsSha256: toHex(memory.subarray(64, 96)),
  };
}
