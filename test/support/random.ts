/** A small seeded generator (xorshift128): the same numbers on every machine for the same seed. */
export class Random {
  private readonly words: Uint32Array;

  constructor(seed: number) {
    this.words = Uint32Array.of(seed ^ 0x9e3779b9, (seed * 0x85ebca6b) | 0, 0xc2b2ae35, 0x27d4eb2f);
    for (let i = 0; i < 20; i++) this.uint32();
  }

  uint32(): number {
    const [x, , , w] = this.words as unknown as [number, number, number, number];
    const mixed = x ^ (x << 11);
    this.words.copyWithin(0, 1);
    this.words[3] = w ^ (w >>> 19) ^ mixed ^ (mixed >>> 8);
    return this.words[3]!;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    return this.uint32() % limit;
  }

  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() & 0xff;
    return bytes;
  }
}
