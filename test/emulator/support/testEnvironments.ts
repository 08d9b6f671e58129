import { branch, csrrs, csrrw, ecall, jal, ld, li, mret, sd, sfenceVma, sret, typeI } from "./encode.ts";
import { codeBytes } from "./machines.ts";
import { base, load, toElf } from "./program.ts";

/** Offsets from `base`. */
const handler = 0x400;
const test = 0x800;
const tohost = 0x1000;
const rootTable = 0x2000;
const middleTable = 0x3000;
const leafTable = 0x4000;
const userCode = 0x5000;
const userData = 0x6000;

const T0 = 5;
const T1 = 6;
const T2 = 7;
const A0 = 10;
const T3 = 28;
const T4 = 29;
const S2 = 18;
const S3 = 19;
const S4 = 20;
const csrw = (csr: number, register: number) => csrrw(0, csr, register);
const csrwi = (csr: number, value: number) => typeI(0x73, 5, 0, value, csr);

function program(parts: Readonly<Record<number, readonly number[]>>, tables: Readonly<Record<number, bigint>> = {}) {
  const bytes = new Uint8Array(0x7000);
  for (const [at, words] of Object.entries(parts)) bytes.set(codeBytes(words), Number(at));
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(tables)) view.setBigUint64(Number(at), value, true);
  return toElf({ bytes }, { _start: base, tohost: base + tohost });
}

/** Writes a register that may not exist: if that traps, the handler is what comes after. */
const guarded = (...words: number[]) => {
  const after = [0x297, typeI(0x13, 0, T0, T0, 4 * (words.length + 3)), csrw(0x305, T0)];
  return [...after, ...words];
};

/**
 * As the physical environment of riscv-tests: set up in M mode, the test in the mode that `mstatus.MPP` names, and a trap
 * handler that stores a0 to `tohost` at an environment call, 1337 at anything else.
 */
export function physical(code: readonly number[], mpp: number): Uint8Array {
  return program({
    0: [
      ...guarded(csrwi(0x744, 8)),
      ...guarded(csrwi(0x180, 0)),
      ...guarded(...li(T1, 0x1f), csrw(0x3b0, T1), csrw(0x3a0, T1)),
      ...guarded(csrwi(0x304, 0), csrwi(0x302, 0), csrwi(0x303, 0)),
      ...load(T0, base + handler),
      csrw(0x305, T0),
      csrwi(0x300, 0),
      ...li(T0, (mpp << 11) | 0x2000),
      csrrs(0, 0x300, T0),
      ...load(T0, base + test),
      csrw(0x341, T0),
      ...load(S4, base + tohost),
      csrrs(A0, 0xf14, 0),
      mret,
    ],
    [handler]: [
      csrrs(T0, 0x342, 0),
      typeI(0x13, 0, T0, T0, -8),
      typeI(0x13, 3, T0, T0, 4),
      branch(1, T0, 0, 4 * 3),
      ...li(A0, 1337),
      sd(A0, S4, 0),
      jal(0, -4),
    ],
    [test]: code,
  });
}

/**
 * As the virtual environment: the test runs in U mode at 0x1000, its data page at 0x2000 is mapped when it first faults,
 * by a handler in S mode, which prints a line to `tohost` before it reports.
 */
export function virtual(stored: number, wanted: number): Uint8Array {
  const entry = (at: number, flags: number) => (((BigInt(base) + BigInt(at)) >> 12n) << 10n) | BigInt(flags);
  const user = 0xdf;
  const print = (byte: number) => [
    ...li(T0, 0x101),
    typeI(0x13, 1, T0, T0, 48),
    typeI(0x13, 6, T0, T0, byte),
    sd(T0, S4, 0),
    ld(T0, S4, 0),
    branch(1, T0, 0, -4),
  ];
  return program(
    {
      0: [
        ...load(S2, base + leafTable + 16),
        ...load(S3, base + 0x10),
        ld(S3, S3, 0x7f0),
        ...load(S4, base + tohost),
        ...load(T0, base + handler),
        csrw(0x105, T0),
        ...li(T0, 0xb100),
        csrw(0x302, T0),
        ...load(T0, base + 0x7f8),
        ld(T0, T0, 0),
        csrw(0x180, T0),
        ...li(T0, 0x1000),
        csrw(0x341, T0),
        csrwi(0x300, 0),
        mret,
      ],
      [handler]: [
        csrrs(T3, 0x142, 0),
        typeI(0x13, 0, T4, 0, 8),
        branch(0, T3, T4, 16),
        sd(S3, S2, 0),
        sfenceVma,
        sret,
        ...print(0x6f),
        ...print(0x6b),
        sd(A0, S4, 0),
        jal(0, 0),
      ],
      [userCode]: [
        ...li(T0, 0x2000),
        ...li(T1, stored),
        sd(T1, T0, 8),
        ld(T2, T0, 8),
        ...li(T1, wanted),
        typeI(0x13, 0, A0, 0, 1),
        branch(0, T1, T2, 8),
        typeI(0x13, 0, A0, 0, 11),
        ecall,
      ],
    },
    {
      2040: (8n << 60n) | ((BigInt(base) + BigInt(rootTable)) >> 12n),
      2048: entry(userData, user & ~0xc0),
      [rootTable]: entry(middleTable, 1),
      [rootTable + 16]: (0x80000n << 10n) | 0xcfn,
      [middleTable]: entry(leafTable, 1),
      [leafTable + 8]: entry(userCode, user),
    },
  );
}
