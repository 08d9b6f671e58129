/** What a native run needs of a claimable program. Plain data: it can be posted to a worker. */
import type { ClaimableProgram } from "../program.ts";

export interface NativeGlobal {
  /** Number of the global in the state. */
  readonly index: number;
  readonly type: "i32" | "i64";
  /** Under which name the native module exports it. */
  readonly name: string;
}

export interface NativeProgram {
  readonly program: ClaimableProgram;
  /** The claimed module with all its mutable globals exported; nothing else differs. */
  readonly module: Uint8Array;
  /** The mutable globals. */
  readonly globals: readonly NativeGlobal[];
}
