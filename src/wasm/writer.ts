const utf8 = new TextEncoder();

/** Writes the primitive values of the binary format (specification 5.2), integers in their shortest form. */
export class Writer {
  private bytes = new Uint8Array(256);
  private length = 0;

  byte(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  raw(bytes: ArrayLike<number>): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  u32(value: number): this {
    let left = value >>> 0;
    for (; left >= 0x80; left >>>= 7) this.byte((left & 0x7f) | 0x80);
    return this.byte(left);
  }

  /** `value` taken as int32. */
  s32(value: number): this {
    let left = value | 0;
    for (; left < -0x40 || left >= 0x40; left >>= 7) this.byte((left & 0x7f) | 0x80);
    return this.byte(left & 0x7f);
  }

  /** An int64 given as two int32 halves. */
  s64(low: number, high: number): this {
    let left = low | 0;
    let above = high | 0;
    while (above !== left >> 31 || left < -0x40 || left >= 0x40) {
      this.byte((left & 0x7f) | 0x80);
      left = (left >>> 7) | (above << 25);
      above >>= 7;
    }
    return this.byte(left & 0x7f);
  }

  bits32(value: number): this {
    return this.raw([value, value >> 8, value >> 16, value >> 24].map((byte) => byte & 0xff));
  }

  /** Bytes with their length in front. */
  byteVector(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  name(text: string): this {
    return this.byteVector(utf8.encode(text));
  }

  /** What was written so far. */
  done(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
