/** The registers leaf (`README.md`, "Registers leaf"): indices of its 32-bit words, statuses and trap codes. */

/** Words of the registers leaf; its array has `registerWords` of them. */
export const Register = {
  pc: 0,
  sp: 1,
  fp: 2,
  status: 3,
  trapCode: 4,
  memoryPages: 5,
  tableSize: 6,
  entryPc: 7,
  machineVersion: 8,
  phase: 9,
  buffer: 16,
} as const;

export const registerWords = 32;

/** Byte offset of `buffer` within the leaf. */
export const bufferOffset = 4 * Register.buffer;

/** Version of the machine's rules; the first state of every build carries it. */
export const machineVersion = 1;

/** What the machine is doing: the value of its status register. */
export const Status = { yielded: 0, running: 1, halted: 2, trapped: 3 } as const;

/** Why a program trapped. */
export const Trap = {
  unreachable: 1,
  divideByZero: 2,
  integerOverflow: 3,
  memoryOutOfBounds: 4,
  tableOutOfBounds: 5,
  uninitializedElement: 6,
  indirectCallTypeMismatch: 7,
  illegalInstruction: 8,
  badPc: 9,
  stackOutOfBounds: 10,
  badScratch: 11,
} as const;

/** Trap codes in words, for people. */
export const trapNames: readonly string[] = [
  "none",
  "unreachable",
  "integer divide by zero",
  "integer overflow",
  "memory out of bounds",
  "table out of bounds",
  "uninitialized element",
  "indirect call type mismatch",
  "illegal instruction",
  "bad pc",
  "stack out of bounds",
  "bad scratch",
];
