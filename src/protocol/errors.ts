import type { ErrorCodeOf } from "../core/errors.ts";
import type { ParameterRule } from "./parameters.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "protocol/bad-parameter": ParameterRule | { name: string; given: number };
    /** A range that is not cut at this arity, or a child that a row of so many does not have. */
    "protocol/out-of-range": { log2Length: number; log2Arity: number } | { children: number; child: number };
    /** The child whose proof has another length, or how many children there are. */
    "protocol/bad-row": { child: number } | { size: number };
    /** A checkpoint that a list of `count` does not have, or a list of another size, in bytes. */
    "protocol/bad-checkpoints": { index: number; count: number } | { expected: number; given: number };
  }
}

/** Everything the game logic refuses. None of it is about a chain: those errors are the contracts' own. */
export type ProtocolErrorCode = ErrorCodeOf<"protocol">;
