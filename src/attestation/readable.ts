import { isAssayError } from "../core/errors.ts";

/** What a stranger has written, unless it is malformed. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAssayError(error, "attestation/malformed")) return undefined;
    throw error;
  }
}
