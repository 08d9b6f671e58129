import { addi, branch, csrrs, csrrw, jal, ld, li, mret, sd, sfenceVma, typeI, typeS } from "./encode.ts";
import { codeBytes } from "./machines.ts";
import { base, load } from "./program.ts";
import { type Case, firstData, memorySize } from "./sv39Cases.ts";

/**
 * A bare-metal program in machine mode that makes the accesses of cases one after another: loads and stores with MPRV,
 * fetches by `mret` to an illegal instruction. For each it keeps mcause, mtval, the result register, and the entries afterwards.
 */

const maxEntries = 8;
/** Words of a case: count of entries, satp, mstatus, virtual address, address of its instruction; then entries. */
const inputSize = 8 * (5 + 2 * maxEntries);
export const recordSize = 8 * (3 + maxEntries);
/** Offsets from `base`: a trampoline that cases may overwrite, code, stubs, cases. Pages of tables lie between. */
const main = 0x100;
const handler = 0x800;
/** Where the emulator ends, which has no serial port. */
const stop = 0xf00;
const stubs = 0x1000;
const input = memorySize;
/** The word before the records becomes 1 at the end. */
const results = input + 0x800000;
/** Guest memory: what cases reach, then their descriptions and records. */
export const walkMemory = 2 * memorySize;

const [RESULT, ADDRESS, VALUE] = [10, 11, 12];
const [CASE, RECORD, LEFT, COUNT, A, B, C] = [18, 19, 20, 21, 5, 6, 7];
const csrw = (csr: number, register: number) => csrrw(0, csr, register);
const mpp = (mode: number) => BigInt(mode) << 11n;

export function walkProgram(cases: readonly Case[]): { bytes: Uint8Array; results: number; size: number } {
  const words = [...new Set(cases.map(({ word }) => word))];
  const size = 8 + recordSize * cases.length;
  const bytes = new Uint8Array(results + Math.ceil(size / 4096) * 4096);
  const view = new DataView(bytes.buffer);
  const put = (at: number, code: readonly number[]) => bytes.set(codeBytes(code), at);

  put(0, [jal(0, main)]);
  put(stop, [jal(0, 0)]);
  // A stub is the instruction and the way back.
  words.forEach((word, i) => {
    put(stubs + 8 * i, [word, typeI(0x67, 0, 0, 1, 0)]);
  });
  cases.forEach((c, i) => {
    const at = input + i * inputSize;
    const fetch = c.kind === "fetch";
    const { mstatus, mode, satp } = c.context;
    // Supervisor and user cases lend their mode to machine mode's loads and stores.
    const status = fetch || mode !== 3 ? (mstatus & ~mpp(3)) | mpp(mode) | (fetch ? 0n : 1n << 17n) : mstatus;
    const target = fetch ? 0n : BigInt(base + stubs + 8 * words.indexOf(c.word));
    [BigInt(c.entries.size), satp, status, c.virtual, target].forEach((value, field) => {
      view.setBigUint64(at + 8 * field, value, true);
    });
    [...c.entries].forEach(([entry, value], index) => {
      view.setBigUint64(at + 40 + 16 * index, entry, true);
      view.setBigUint64(at + 48 + 16 * index, value, true);
    });
  });
  // What fetches reach are illegal instructions of 32 bits at every even address.
  for (let at = firstData; at < memorySize; at += 2) bytes[at] = 0x73;

  /** For each entry of the case: A is its address, B its value. */
  const eachEntry = (body: readonly number[]) => {
    const loop = [ld(A, C, 0), ld(B, C, 8), ...body, addi(C, C, 16), addi(COUNT, COUNT, -1)];
    const start = [ld(COUNT, CASE, 0), addi(C, CASE, 40)];
    return [...start, ...loop, branch(1, COUNT, 0, -4 * loop.length)];
  };
  const before = [
    ...li(A, 0x6000),
    csrw(0x300, A),
    ...load(A, base + handler),
    csrw(0x305, A),
    addi(A, 0, -1),
    csrw(0x3b0, A),
    addi(A, 0, 0x1f),
    csrw(0x3a0, A),
    ...load(CASE, base + input),
    ...load(RECORD, base + results + 8),
    ...li(LEFT, cases.length),
  ];
  const begin = [
    ...eachEntry([sd(B, A, 0)]),
    ld(A, CASE, 8),
    csrw(0x180, A),
    sfenceVma,
    csrw(0x342, 0),
    csrw(0x343, 0),
    csrw(0x003, 0),
    addi(RESULT, 0, 0),
    addi(VALUE, 0, 0x5a5),
    ld(ADDRESS, CASE, 24),
    ld(B, CASE, 32),
    csrw(0x341, ADDRESS),
    ld(A, CASE, 16),
    csrw(0x300, A),
    branch(1, B, 0, 8),
    mret,
    typeI(0x67, 0, 1, B, 0),
  ];
  // The handler comes here too: out of MPRV, keep what happened, and put the entries away.
  const finish = [
    ...li(A, 0x6000),
    csrw(0x300, A),
    csrrs(A, 0x342, 0),
    sd(A, RECORD, 0),
    csrrs(A, 0x343, 0),
    sd(A, RECORD, 8),
    sd(RESULT, RECORD, 16),
    addi(RECORD, RECORD, 24),
    ...eachEntry([ld(B, A, 0), sd(B, RECORD, 0), sd(0, A, 0), addi(RECORD, RECORD, 8)]),
    // Records have room for all entries.
    ld(A, CASE, 0),
    addi(B, 0, maxEntries),
    branch(0, A, B, 16),
    addi(RECORD, RECORD, 8),
    addi(A, A, 1),
    jal(0, -12),
    addi(CASE, CASE, inputSize),
    addi(LEFT, LEFT, -1),
  ];
  const loopSize = begin.length + finish.length;
  // At the end: 1 before the records, then everything to the serial port of `virt`, then off by its test device.
  const end = [
    ...load(A, base + stop),
    csrw(0x305, A),
    ...load(RECORD, base + results),
    addi(A, 0, 1),
    sd(A, RECORD, 0),
    ...load(LEFT, base + results + size),
    0x100002b7,
    typeI(0x03, 4, B, A, 5),
    typeI(0x13, 7, B, B, 0x20),
    branch(0, B, 0, -8),
    typeI(0x03, 4, B, RECORD, 0),
    typeS(0x23, 0, A, B, 0),
    addi(RECORD, RECORD, 1),
    branch(1, RECORD, LEFT, -24),
    0x001002b7,
    ...li(B, 0x5555),
    typeS(0x23, 2, A, B, 0),
    jal(0, 0),
  ];
  const code = [...before, ...begin, ...finish, branch(1, LEFT, 0, -4 * loopSize), ...end];
  put(main, code);
  const finishAt = main + 4 * (before.length + begin.length);
  put(handler, [jal(0, finishAt - handler)]);
  return { bytes, results, size };
}
