/**
 * Address translation as the privileged architecture words it (4.3.2 "Virtual Address Translation Process" with Sv39's
 * sizes, 4.4.1, 3.1.6.3), step by step in integers of any size, with the choices that the emulator's README states.
 */
export type Access = "load" | "store" | "fetch";

export interface Context {
  readonly satp: bigint;
  readonly mstatus: bigint;
  /** Privilege of the hart: 0 U, 1 S, 3 M. */
  readonly mode: number;
}

/** Physical memory: the 8 bytes at an address, or `undefined` where there is none. */
export type ReadEntry = (physical: bigint) => bigint | undefined;

export interface Translated {
  readonly physical: bigint;
  /** The entry that gets accessed or dirty bits. */
  readonly update?: { readonly at: bigint; readonly entry: bigint };
}
/** Exception cause. */
export type Walk = Translated | { readonly cause: bigint };

export const bit = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n } as const;
export const mstatusBit = { MPRV: 1n << 17n, SUM: 1n << 18n, MXR: 1n << 19n } as const;

const pageFault = { fetch: 12n, load: 13n, store: 15n } as const;
const accessFault = { fetch: 1n, load: 5n, store: 7n } as const;
const has = (value: bigint, mask: bigint) => (value & mask) !== 0n;

/** The privilege that an access has (3.1.6.3). */
function effectiveMode({ mode, mstatus }: Context, access: Access): number {
  return mode === 3 && access !== "fetch" && has(mstatus, mstatusBit.MPRV) ? Number((mstatus >> 11n) & 3n) : mode;
}

export function walk(virtual: bigint, access: Access, context: Context, read: ReadEntry): Walk {
  const mode = effectiveMode(context, access);
  const exists = (physical: bigint) => read(physical & ~7n) !== undefined;
  const page = { cause: pageFault[access] };
  const noMemory = { cause: accessFault[access] };
  if (mode === 3 || context.satp >> 60n === 0n) return exists(virtual) ? { physical: virtual } : noMemory;
  if (BigInt.asUintN(64, BigInt.asIntN(39, virtual)) !== virtual) return page;
  const vpn = [12n, 21n, 30n].map((shift) => (virtual >> shift) & 511n);

  let table = (context.satp & ((1n << 44n) - 1n)) << 12n;
  for (let i = 2; i >= 0; i--) {
    const at = table + vpn[i]! * 8n;
    const pte = read(at);
    if (pte === undefined) return noMemory;
    const ppn = (pte >> 10n) & ((1n << 44n) - 1n);
    if (!has(pte, bit.V) || (!has(pte, bit.R) && has(pte, bit.W)) || pte >> 54n !== 0n) return page;
    if (!has(pte, bit.R | bit.X)) {
      if (has(pte, bit.A | bit.D | bit.U)) return page;
      table = ppn << 12n;
      continue;
    }
    const readable = has(pte, bit.R) || (has(pte, bit.X) && has(context.mstatus, mstatusBit.MXR));
    if (access === "load" ? !readable : !has(pte, access === "store" ? bit.W : bit.X)) return page;
    if (mode === 0 && !has(pte, bit.U)) return page;
    if (mode === 1 && has(pte, bit.U) && (access === "fetch" || !has(context.mstatus, mstatusBit.SUM))) return page;
    const low = (1n << BigInt(9 * i)) - 1n;
    if (has(ppn, low)) return page;
    const offset = virtual & ((1n << BigInt(12 + 9 * i)) - 1n);
    const physical = (ppn << 12n) + offset;
    if (!exists(physical)) return noMemory;
    const entry = pte | bit.A | (access === "store" ? bit.D : 0n);
    return entry === pte ? { physical } : { physical, update: { at, entry } };
  }
  return page;
}

export interface Outcome {
  /** Exception cause and the address it names; `undefined`: none. */
  readonly trap: { readonly cause: bigint; readonly value: bigint } | undefined;
  /** Physical address of each byte, up to the one that traps. */
  readonly bytes: readonly bigint[];
  /** Entries changed, in order. */
  readonly updates: readonly { readonly at: bigint; readonly entry: bigint }[];
}

/**
 * An access of `size` bytes: each page that it touches is translated before anything is read or written, and a fault names
 * the first address on its page.
 */
export function access(virtual: bigint, size: number, kind: Access, context: Context, read: ReadEntry): Outcome {
  const updates: { at: bigint; entry: bigint }[] = [];
  const changed: ReadEntry = (at) => updates.findLast((update) => update.at === at)?.entry ?? read(at);
  const bytes: bigint[] = [];
  for (let done = 0; done < size; ) {
    const at = BigInt.asUintN(64, virtual + BigInt(done));
    const walked = walk(at, kind, context, changed);
    if ("cause" in walked) return { trap: { cause: walked.cause, value: at }, bytes, updates };
    if (walked.update !== undefined) updates.push(walked.update);
    const onPage = Math.min(size - done, 4096 - Number(at & 4095n));
    for (let i = 0; i < onPage; i++) bytes.push(walked.physical + BigInt(i));
    done += onPage;
  }
  return { trap: undefined, bytes, updates };
}
