import { isError } from "ethers";
import { isAssayError } from "../../core/errors.ts";

/** Another transaction of the same nonce is there, and this one does not pay enough more to take its place. */
export function isUnderpriced(error: unknown): boolean {
  return isError(error, "REPLACEMENT_UNDERPRICED") || /underpriced/i.test(messageOf(error));
}

/** A transaction of the same nonce has been mined. */
export function isNonceUsed(error: unknown): boolean {
  return isError(error, "NONCE_EXPIRED") || /nonce too low|nonce .*already/i.test(messageOf(error));
}

/** The very same transaction is there. */
export function isAlreadyKnown(error: unknown): boolean {
  return /already (known|imported|in mempool|exists)|known transaction/i.test(messageOf(error));
}

/** What a server said; nothing for errors about the way to it. */
function messageOf(error: unknown): string {
  if (isAssayError(error)) return "";
  const { message, error: inner } = error as { message?: string; error?: { message?: string } };
  return `${message ?? ""} ${inner?.message ?? ""}`;
}
