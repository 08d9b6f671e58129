/**
 * Sizes beyond which a module is refused as unsupported. Those with "engine" are V8's own: a module accepted here must also
 * run there.
 */
export const limits = {
  /** Bytes of a module. */
  moduleSize: 2 ** 26,
  /** Custom ones included. */
  sections: 10_000,
  /** Bytes of a name. Engine. */
  nameLength: 100_000,
  /** Engine. */
  types: 1_000_000,
  /** Engine. */
  functions: 1_000_000,
  /** Engine. */
  imports: 100_000,
  /** Engine. */
  exports: 100_000,
  /** Engine. */
  globals: 1_000_000,
  /** Engine. */
  dataSegments: 100_000,
  elementSegments: 100_000,
  /** Entries of a table. Engine. */
  tableSize: 10_000_000,
  /** Of a function. Engine. */
  parameters: 1_000,
  /** Of a function. Engine. */
  results: 1_000,
  /** Bytes of a function with its locals. Engine. */
  functionSize: 7_654_321,
  /** Parameters included. Engine. */
  locals: 50_000,
  /** Targets of a `br_table` without the default. Engine. */
  branchTargets: 65_520,
  /** Blocks inside each other. */
  nesting: 2 ** 17,
  /** Operands on a function's stack. */
  operands: 2 ** 17,
} as const;
