/** Floating point without bounds: IEEE 754 numbers as exact fractions, and the one rounding that leads back to a format. */
export interface Format {
  readonly width: number;
  readonly fractionBits: number;
  readonly bias: bigint;
  readonly canonicalNan: bigint;
}

export const single: Format = { width: 32, fractionBits: 23, bias: 127n, canonicalNan: 0x7fc0_0000n };
export const double: Format = { width: 64, fractionBits: 52, bias: 1023n, canonicalNan: 0x7ff8_0000_0000_0000n };

/** Flags as `fcsr` has them. */
export const inexact = 1;
export const underflow = 2;
export const overflow = 4;
export const divideByZero = 8;
export const invalid = 16;

/** `(-1)^negative * numerator / denominator * 2^exponent`, both positive but for a numerator of zero. */
export interface Exact {
  readonly negative: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly exponent: number;
}

export type Operand =
  | { readonly kind: "infinite"; readonly negative: boolean }
  | { readonly kind: "quiet"; readonly negative: boolean }
  | { readonly kind: "signaling"; readonly negative: boolean }
  | ({ readonly kind: "finite"; readonly subnormal: boolean } & Exact);

/** Bits and the flags that are raised. */
export interface Result {
  readonly bits: bigint;
  readonly flags: number;
}

export const isNan = ({ kind }: Operand) => kind === "quiet" || kind === "signaling";
const signBit = ({ width }: Format, negative: boolean) => (negative ? 1n << BigInt(width - 1) : 0n);
const topExponent = ({ bias }: Format) => 2n * bias + 1n;
export const infinityOf = (format: Format, negative: boolean) =>
  signBit(format, negative) | (topExponent(format) << BigInt(format.fractionBits));
export const zeroOf = signBit;

export function unpack(bits: bigint, format: Format): Operand {
  const fractionBits = BigInt(format.fractionBits);
  const fraction = bits & ((1n << fractionBits) - 1n);
  const exponent = (bits >> fractionBits) & topExponent(format);
  const negative = (bits & signBit(format, true)) !== 0n;
  if (exponent === topExponent(format)) {
    if (fraction === 0n) return { kind: "infinite", negative };
    return { kind: (fraction >> (fractionBits - 1n)) & 1n ? "quiet" : "signaling", negative };
  }
  const subnormal = exponent === 0n && fraction !== 0n;
  const numerator = exponent === 0n ? fraction : fraction | (1n << fractionBits);
  const scale = Number((exponent === 0n ? 1n : exponent) - format.bias - fractionBits);
  return { kind: "finite", subnormal, negative, numerator, denominator: 1n, exponent: scale };
}

/** A fraction to an integer as the rounding mode says (0 to nearest even, 1 zero, 2 down, 3 up, 4 to nearest away). */
export function roundToInteger(value: Exact, mode: number): { readonly integer: bigint; readonly exact: boolean } {
  const up = BigInt(Math.max(value.exponent, 0));
  const down = BigInt(Math.max(-value.exponent, 0));
  const [numerator, denominator] = [value.numerator << up, value.denominator << down];
  const whole = numerator / denominator;
  const rest = 2n * (numerator % denominator);
  const away = [
    rest > denominator || (rest === denominator && (whole & 1n) === 1n),
    false,
    value.negative && rest !== 0n,
    !value.negative && rest !== 0n,
    rest >= denominator,
  ][mode]!;
  return { integer: whole + (away ? 1n : 0n), exact: rest === 0n };
}

const bitLength = (value: bigint) => value.toString(2).length;

/** The greatest `e` with `2^e <= value`. */
function log2({ numerator, denominator, exponent }: Exact): number {
  const guess = bitLength(numerator) - bitLength(denominator);
  const shifted = guess >= 0 ? numerator >= denominator << BigInt(guess) : numerator << BigInt(-guess) >= denominator;
  return guess + exponent - (shifted ? 0 : 1);
}

/** The number of the format that the mode makes of an exact one other than zero; tininess is detected after rounding. */
export function round(value: Exact, format: Format, mode: number): Result {
  const { fractionBits, bias } = format;
  const lowest = 1 - Number(bias);
  /** Rounds to multiples of `2^(exponent - fractionBits)`; a carry into the next power of two is its exponent's. */
  const at = (exponent: number) => {
    const rounded = roundToInteger({ ...value, exponent: value.exponent - exponent + fractionBits }, mode);
    return { ...rounded, carried: bitLength(rounded.integer) > fractionBits + 1 };
  };
  const exponent = log2(value);
  const unbounded = at(exponent);
  const sign = signBit(format, value.negative);
  if (exponent + (unbounded.carried ? 1 : 0) > Number(bias)) {
    const toInfinity = [true, false, value.negative, !value.negative, true][mode]!;
    const infinity = infinityOf(format, value.negative);
    return { bits: toInfinity ? infinity : infinity - 1n, flags: overflow | inexact };
  }
  if (exponent >= lowest) {
    // Adding the integer with its leading bit carries into the exponent where rounding did.
    const field = BigInt(exponent + Number(bias) - 1) << BigInt(fractionBits);
    return { bits: sign | (field + unbounded.integer), flags: unbounded.exact ? 0 : inexact };
  }
  const tiny = exponent + (unbounded.carried ? 1 : 0) < lowest;
  const bounded = at(lowest);
  return { bits: sign | bounded.integer, flags: bounded.exact ? 0 : inexact | (tiny ? underflow : 0) };
}

/** The sum of two exact numbers, as a signed numerator over one denominator. */
export function sum(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const part = (value: Exact, other: Exact) =>
    (value.negative ? -1n : 1n) * (value.numerator << BigInt(value.exponent - exponent)) * other.denominator;
  const total = part(a, b) + part(b, a);
  const numerator = total < 0n ? -total : total;
  return { negative: total < 0n, numerator, denominator: a.denominator * b.denominator, exponent };
}

/** A square root, exact or with a bit far below any format's last one in place of what is left. */
export function squareRootOf({ numerator, exponent }: Exact): Exact {
  const shift = 256 + (exponent & 1);
  const radicand = numerator << BigInt(shift);
  let root = 1n << BigInt(Math.ceil(bitLength(radicand) / 2));
  for (let next = (root + radicand / root) >> 1n; next < root; next = (root + radicand / root) >> 1n) root = next;
  const sticky = root * root === radicand ? 0n : 1n;
  return { negative: false, numerator: 2n * root + sticky, denominator: 1n, exponent: (exponent - shift) / 2 - 1 };
}
