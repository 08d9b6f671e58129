import { malformed, unsupported } from "./errors.ts";
import { limits } from "./limits.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the primitive values of the binary format (specification 5.2) out of `bytes` up to `end`. */
export class Reader {
  /** Half of the last `s64` or eight-byte constant that was read, as int32. */
  low = 0;
  high = 0;

  constructor(
    readonly bytes: Uint8Array,
    public offset: number,
    readonly end: number,
  ) {}

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    if (this.offset >= this.end) throw this.ended();
    return this.bytes[this.offset++]!;
  }

  peek(): number {
    if (this.offset >= this.end) throw this.ended();
    return this.bytes[this.offset]!;
  }

  skip(length: number): void {
    if (length > this.end - this.offset) throw this.ended();
    this.offset += length;
  }

  u32(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    const start = this.offset - 1;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    const last = this.byte();
    if (last >= 0x80) throw malformed(start, "integer representation too long");
    if (last > 0x0f) throw malformed(start, "integer too large");
    return (value | (last << 28)) >>> 0;
  }

  /** As int32. */
  s32(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    const last = this.byte();
    if (last >= 0x80) throw malformed(start, "integer representation too long");
    if (last > 0x07 && last < 0x78) throw malformed(start, "integer too large");
    return value | (last << 28);
  }

  /** The type index of a block: an s33 that is not negative. */
  blockTypeIndex(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = this.byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next >= 0x80) continue;
      const negative = (next & 0x40) !== 0;
      if (shift === 28 && (negative ? next < 0x70 : next > 0x0f)) throw malformed(start, "integer too large");
      if (negative) throw malformed(start, "malformed block type");
      return value;
    }
    throw malformed(start, "integer representation too long");
  }

  /** Into `low` and `high`. */
  s64(): void {
    const start = this.offset;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const next = this.byte();
      const bits = next & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (shift === 63) {
        if (next >= 0x80) throw malformed(start, "integer representation too long");
        if (bits !== 0 && bits !== 0x7f) throw malformed(start, "integer too large");
        break;
      }
      if (next < 0x80) {
        if ((next & 0x40) !== 0) {
          if (shift < 21) low |= -1 << (shift + 7);
          else if (shift === 21) low |= -1 << 28;
          if (shift < 28) high = -1;
          else high |= -1 << (shift - 25);
        }
        break;
      }
    }
    this.low = low;
    this.high = high;
  }

  /** Four bytes, as int32. */
  bits32(): number {
    this.skip(4);
    const { bytes, offset } = this;
    return bytes[offset - 4]! | (bytes[offset - 3]! << 8) | (bytes[offset - 2]! << 16) | (bytes[offset - 1]! << 24);
  }

  /** Eight bytes, into `low` and `high`. */
  bits64(): void {
    const low = this.bits32();
    this.high = this.bits32();
    this.low = low;
  }

  /**
   * The length of a vector whose elements take at least `elementSize` bytes each. What does not fit into the remaining bytes
   * is refused before anybody makes room for it.
   */
  count(what: string, limit: number, elementSize = 1): number {
    const start = this.offset;
    const count = this.u32();
    if (count > (this.end - this.offset) / elementSize) {
      throw malformed(start, `unexpected end: ${count} ${what} do not fit into the bytes that are left`);
    }
    if (count > limit) throw unsupported(start, `more than ${limit} ${what}`);
    return count;
  }

  /** A byte string with its length in front, as a view. */
  byteVector(): Uint8Array {
    const start = this.offset;
    const length = this.u32();
    if (length > this.end - this.offset) throw malformed(start, "length out of bounds");
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  name(): string {
    const start = this.offset;
    const bytes = this.byteVector();
    if (bytes.length > limits.nameLength) throw unsupported(start, `a name of more than ${limits.nameLength} bytes`);
    try {
      return utf8.decode(bytes);
    } catch {
      throw malformed(start, "malformed UTF-8 encoding");
    }
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  part(length: number): Reader {
    const start = this.offset;
    this.skip(length);
    return new Reader(this.bytes, start, this.offset);
  }

  private ended() {
    return malformed(this.end, "unexpected end of section or function");
  }
}
