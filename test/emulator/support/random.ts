/** A small seeded generator (xorshift64*), so that a failing case can be run again. */
export class Random {
  private state: bigint;

  constructor(seed: number) {
    this.state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  }

  /** 64 random bits. */
  bits64(): bigint {
    let x = BigInt.asUintN(64, this.state);
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.state = x;
    return BigInt.asUintN(64, x * 0x2545f4914f6cdd1dn);
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Number(this.bits64() % BigInt(limit));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
