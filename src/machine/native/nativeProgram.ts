/** What a native run needs of a claimable program. Plain data: it can be posted to a worker. */

export interface NativeGlobal {
  /** Number of the global in the state. */
  readonly index: number;
  readonly type: "i32" | "i64";
  /** Under which name the native module exports it. */
  readonly name: string;
}

export interface NativeProgram {
  /** The claimed module with all its mutable globals exported; nothing else differs. */
  readonly module: Uint8Array;
  /** The mutable globals. */
  readonly globals: readonly NativeGlobal[];
  /** Pages of 64 KiB, minimum and maximum. */
  readonly memoryPages: number;
  /** The start state besides its memory: registers leaf, globals, table and code as in `StateArrays`. */
  readonly registers: Int32Array;
  readonly globalSlots: Int32Array;
  readonly table: Int32Array;
  readonly code: Int32Array;
}

/** Content that is placed in linear memory before the start, after the module's own segments. */
export interface Drive {
  /** First byte in linear memory. */
  readonly address: number;
  readonly bytes: Uint8Array;
}
