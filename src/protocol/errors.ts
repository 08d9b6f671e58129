import { AssayError } from "../core/errors.ts";

/** Everything the game logic refuses. None of it is about a chain: those errors are the contracts' own. */
export type ProtocolErrorCode =
  | "protocol/bad-parameter"
  | "protocol/out-of-range"
  | "protocol/bad-row"
  | "protocol/bad-checkpoints"
  | "protocol/not-own-claim";

/** An `AssayError` of this folder. */
export function protocolError(
  code: ProtocolErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AssayError<ProtocolErrorCode> {
  return new AssayError<ProtocolErrorCode>(code, message, details);
}
