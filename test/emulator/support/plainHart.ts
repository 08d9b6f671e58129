import { expandHalf } from "./compressedOracle.ts";
import { encodingOf } from "./instructionTable.ts";
import { integerInstructions } from "./integerOracle.ts";
import { base } from "./program.ts";

/** Why a hart has stopped: it jumps to itself, or the exception's cause. */
export type End = "waits" | { readonly cause: number };

const signed = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits);

interface Integer {
  /** The immediate, if there is one. */
  readonly second: number | undefined;
  readonly result: (a: bigint, b: bigint) => bigint;
}

const known = new Map<number, Integer>();

/** The instruction among those of the oracle for integers whose encoding `word` is. */
function integerOf(word: number): Integer {
  const found = known.get(word);
  if (found !== undefined) return found;
  const [rd, rs1, rs2, immediate] = [(word >>> 7) & 31, (word >>> 15) & 31, (word >>> 20) & 31, word >> 20];
  for (const { encode, immediates, result } of integerInstructions) {
    const shift = immediates?.every((value) => value >= 0);
    const second = immediates === undefined ? undefined : shift ? immediate & (immediates.length - 1) : immediate;
    if (encode(rd, rs1, second ?? rs2) !== word >>> 0) continue;
    const integer = { second, result };
    known.set(word, integer);
    return integer;
  }
  throw new Error(`an instruction that is not known: ${(word >>> 0).toString(16)}`);
}

/**
 * A hart without page tables that reads every instruction from memory when it executes it, and so cannot know an old one:
 * RV64I, words and doublewords of the A extension as far as tests store with them, loads and stores of floats, RVC. Memory begins
 * at `base`. What it does not know throws.
 */
export class PlainHart {
  readonly x = new BigUint64Array(32);
  readonly f = new BigUint64Array(32);
  private reserved: bigint | undefined;
  private readonly view: DataView;

  constructor(
    readonly memory: Uint8Array,
    public pc: number,
  ) {
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  /** Executes until the end, `limit` instructions at most. */
  run(limit: number): End {
    for (let done = 0; done < limit; done++) {
      const end = this.step();
      if (end !== undefined) return end;
    }
    throw new Error(`no end after ${limit} instructions`);
  }

  private step(): End | undefined {
    const at = this.pc - base;
    const half = this.view.getUint16(at, true);
    const [word, length] = (half & 3) === 3 ? [this.view.getUint32(at, true), 4] : [expandHalf(half), 2];
    return word === undefined || encodingOf(word) === undefined ? { cause: 2 } : this.execute(word, length);
  }

  private execute(word: number, length: number): End | undefined {
    const [rd, rs1, rs2] = [(word >>> 7) & 31, (word >>> 15) & 31, (word >>> 20) & 31];
    const funct3 = (word >>> 12) & 7;
    const immediate = word >> 20;
    const storeImmediate = signed(((word >>> 25) << 5) | rd, 12);
    const next = this.pc + length;
    let to = next;
    let end: End | undefined;
    switch (word & 0x7f) {
      case 0x03:
        end = this.load(rd, this.x[rs1]! + BigInt(immediate), funct3);
        break;
      case 0x23:
        end = this.store(this.x[rs1]! + BigInt(storeImmediate), this.x[rs2]!, 1 << funct3);
        break;
      case 0x0f:
        break;
      case 0x17:
        this.set(rd, BigInt(this.pc) + BigInt(word & ~0xfff));
        break;
      case 0x27:
        end = this.store(this.x[rs1]! + BigInt(storeImmediate), this.f[rs2]!, 1 << funct3);
        break;
      case 0x2f:
        end = this.atomic(word >>> 27, rd, this.x[rs1]!, this.x[rs2]!, 1 << funct3);
        break;
      case 0x37:
        this.set(rd, BigInt(word & ~0xfff));
        break;
      case 0x63: {
        if (funct3 > 1) throw new Error(`a branch that is not known: ${word.toString(16)}`);
        const offset = (word & 0x80000000) >> 19;
        const rest = ((word << 4) & 0x800) | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e);
        if ((this.x[rs1] === this.x[rs2]) === (funct3 === 0)) to = this.pc + (offset | rest);
        break;
      }
      case 0x6f: {
        const offset = (word & 0x80000000) >> 11;
        const rest = (word & 0xff000) | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe);
        this.set(rd, BigInt(next));
        to = this.pc + (offset | rest);
        if (to === this.pc) return "waits";
        break;
      }
      default:
        end = this.integer(word, rd, rs1, rs2);
    }
    if (end === undefined) this.pc = to;
    return end;
  }

  private integer(word: number, rd: number, rs1: number, rs2: number): undefined {
    const { second, result } = integerOf(word);
    this.set(rd, result(this.x[rs1]!, second === undefined ? this.x[rs2]! : BigInt.asUintN(64, BigInt(second))));
  }

  private atomic(operation: number, rd: number, at: bigint, value: bigint, size: number): End | undefined {
    if (at % BigInt(size) !== 0n) return { cause: operation === 2 ? 4 : 6 };
    if (operation === 3) {
      const holds = this.reserved === at;
      this.reserved = undefined;
      this.set(rd, holds ? 0n : 1n);
      return holds ? this.store(at, value, size) : undefined;
    }
    if (operation > 2) throw new Error(`an atomic operation that is not known: ${operation}`);
    const old = this.read(at, size);
    if (old === undefined) return { cause: operation === 2 ? 5 : 7 };
    if (operation === 2) this.reserved = at;
    else this.store(at, operation === 0 ? BigInt.asUintN(64, old + value) : value, size);
    this.set(rd, BigInt.asIntN(8 * size, old));
    return undefined;
  }

  private load(rd: number, at: bigint, funct3: number): End | undefined {
    const size = 1 << (funct3 & 3);
    const value = this.read(at, size);
    if (value === undefined) return { cause: 5 };
    this.set(rd, funct3 > 3 ? value : BigInt.asIntN(8 * size, value));
    return undefined;
  }

  private read(at: bigint, size: number): bigint | undefined {
    const from = this.offset(at, size);
    if (from === undefined) return undefined;
    return this.memory.subarray(from, from + size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }

  private store(at: bigint, value: bigint, size: number): End | undefined {
    const to = this.offset(at, size);
    if (to === undefined) return { cause: 7 };
    for (let i = 0; i < size; i++) this.memory[to + i] = Number((value >> BigInt(8 * i)) & 255n);
    return undefined;
  }

  private offset(at: bigint, size: number): number | undefined {
    const offset = BigInt.asUintN(64, at) - BigInt(base);
    return offset >= 0n && offset + BigInt(size) <= BigInt(this.memory.length) ? Number(offset) : undefined;
  }

  private set(rd: number, value: bigint): void {
    if (rd !== 0) this.x[rd] = BigInt.asUintN(64, value);
  }
}
