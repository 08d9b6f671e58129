/** Sizes of the state's trees (`README.md`, "State" and "Limits"). */

/** Bytes of a leaf of any tree. */
export const leafBytes = 128;

/** Levels between a tree's leaves and its root. */
export const depths = { stack: 9, globals: 8, table: 14, code: 20, memory: 25 } as const;

/** The trees below the registers leaf, in the order of the state header. */
export const trees = ["stack", "globals", "table", "code", "memory"] as const;
export type StateTreeName = (typeof trees)[number];

/** Slots, entries or instructions (8 bytes each) in one leaf. */
export const elementsPerLeaf = 16;

export const stackSlots = 2 ** 13;
export const globalSlots = 2 ** 12;
export const tableEntries = 2 ** 18;
export const codeInstructions = 2 ** 24;
export const maxMemoryPages = 2 ** 16;
export const memoryPageBytes = 2 ** 16;

/** `registers leaf ‖ five tree roots`. */
export const headerBytes = leafBytes + 32 * trees.length;

export const maxLog2Steps = 32;
export const maxLog2Ticks = 40;
