/**
 * IEEE 754 numbers in integers: binary32 and binary64 unpack to one form, `(-1)^sign * significand * 2^(exponent - 63)`
 * with the significand's top bit set, are computed on with 128 bits and a sticky bit, and are rounded once.
 */
import { FCSR, OPERANDS } from "./layout";
import { mulhu } from "./multiply";

// Exception flags (fflags).
export const INEXACT: u64 = 1;
export const UNDERFLOW: u64 = 2;
export const OVERFLOW: u64 = 4;
export const DIVIDE_BY_ZERO: u64 = 8;
export const INVALID: u64 = 16;

// Rounding modes (frm).
export const RNE: u32 = 0;
export const RTZ: u32 = 1;
export const RDN: u32 = 2;
export const RUP: u32 = 3;
export const RMM: u32 = 4;

// Kinds of an unpacked operand.
export const ZERO: u32 = 0;
export const FINITE: u32 = 1;
export const INFINITE: u32 = 2;
export const QUIET: u32 = 3;
export const SIGNALING: u32 = 4;

// Operands: kind u32, sign u32, exponent i32, significand u64 (at 16).
export const A: usize = OPERANDS;
export const B: usize = OPERANDS + 32;
export const C: usize = OPERANDS + 64;

@inline
export function kind(at: usize): u32 {
  return load<u32>(at);
}

@inline
export function sign(at: usize): u32 {
  return load<u32>(at, 4);
}

@inline
export function exponent(at: usize): i32 {
  return load<i32>(at, 8);
}

@inline
export function significand(at: usize): u64 {
  return load<u64>(at, 16);
}

export function setFlags(flags: u64): void {
  store<u64>(FCSR, load<u64>(FCSR) | flags);
}

@inline
export function nan(double: bool): u64 {
  return double ? 0x7ff80000_00000000 : 0x7fc00000;
}

@inline
export function infinity(negative: u32, double: bool): u64 {
  return double ? <u64>negative << 63 | 0x7ff00000_00000000 : <u64>negative << 31 | 0x7f800000;
}

@inline
export function zero(negative: u32, double: bool): u64 {
  return <u64>negative << (double ? 63 : 31);
}

/** Unpacks `bits` (binary64, or binary32 in the low half) into the operand at `at`. */
export function unpack(at: usize, bits: u64, double: bool): void {
  const fractionBits: u64 = double ? 52 : 23;
  const field = <i32>((bits >> fractionBits) & (double ? 0x7ff : 0xff));
  const fraction = bits & ((<u64>1 << fractionBits) - 1);
  const bias = double ? 1023 : 127;
  store<u32>(at, <u32>(bits >> (double ? 63 : 31)) & 1, 4);
  if (field == (double ? 0x7ff : 0xff)) {
    store<u32>(at, fraction == 0 ? INFINITE : (fraction >> (fractionBits - 1)) != 0 ? QUIET : SIGNALING);
  } else if (field != 0) {
    store<u32>(at, FINITE);
    store<i32>(at, field - bias, 8);
    store<u64>(at, <u64>1 << 63 | fraction << (63 - fractionBits), 16);
  } else if (fraction == 0) {
    store<u32>(at, ZERO);
  } else {
    const shift = <i32>clz(fraction);
    store<u32>(at, FINITE);
    store<i32>(at, 1 - bias - (shift - (63 - <i32>fractionBits)), 8);
    store<u64>(at, fraction << shift, 16);
  }
}

/** Whether the discarded part (guard bit and what is below it) rounds the magnitude up. */
export function roundsUp(negative: u32, odd: bool, guard: bool, sticky: bool, mode: u32): bool {
  switch (mode) {
    case RNE: return guard && (sticky || odd);
    case RTZ: return false;
    case RDN: return negative != 0 && (guard || sticky);
    case RUP: return negative == 0 && (guard || sticky);
    default: return guard;
  }
}

/**
 * Rounds `(-1)^negative * (high . low) * 2^(power - 63)` (top bit of `high` set; of `low` only whether it is zero matters)
 * and packs it, setting flags. Tininess is detected after rounding, as RISC-V has it.
 */
export function pack(negative: u32, power: i32, high: u64, low: u64, double: bool, mode: u32): u64 {
  const precision = double ? 53 : 24;
  const least = double ? -1022 : -126;
  const bias = double ? 1023 : 127;
  let shift = 64 - precision;
  let tiny = false;
  if (power < least) {
    tiny = power < least - 1 || !carries(negative, high, low, shift, mode);
    shift = min(shift + (least - power), 66);
  }
  const guard = shift <= 64 && ((high >> (<u64>shift - 1)) & 1) != 0;
  const below = shift > 64 ? true : (high & ((<u64>1 << (<u64>shift - 1)) - 1)) != 0;
  const sticky = below || low != 0;
  let rounded: u64 = shift >= 64 ? 0 : high >> <u64>shift;
  if (roundsUp(negative, (rounded & 1) != 0, guard, sticky, mode)) rounded++;
  const inexact = guard || sticky;
  const field: u64 = power < least ? 0 : <u64>(power + bias - 1);
  const bits = (field << <u64>(precision - 1)) + rounded;
  if (bits >= infinity(0, double)) {
    setFlags(OVERFLOW | INEXACT);
    const toInfinity = mode == RNE || mode == RMM || (mode == RUP && negative == 0) || (mode == RDN && negative != 0);
    return toInfinity ? infinity(negative, double) : infinity(negative, double) - 1;
  }
  if (inexact) setFlags(tiny ? UNDERFLOW | INEXACT : INEXACT);
  return zero(negative, double) | bits;
}

/** Whether rounding at full precision carries into the next power of two. */
function carries(negative: u32, high: u64, low: u64, shift: i32, mode: u32): bool {
  const kept = high >> <u64>shift;
  if (kept + 1 != <u64>1 << <u64>(64 - shift)) return false;
  const guard = ((high >> <u64>(shift - 1)) & 1) != 0;
  const sticky = (high & ((<u64>1 << <u64>(shift - 1)) - 1)) != 0 || low != 0;
  return roundsUp(negative, (kept & 1) != 0, guard, sticky, mode);
}

/** The sum of two finite non-zero numbers, each with 128 bits of significand. */
function addWide(
  signA: u32, powerA: i32, highA: u64, lowA: u64, signB: u32, powerB: i32, highB: u64, lowB: u64, double: bool, mode: u32,
): u64 {
  if (powerA < powerB || (powerA == powerB && (highA < highB || (highA == highB && lowA < lowB)))) {
    return addOrdered(signB, powerB, highB, lowB, signA, powerB - powerA, highA, lowA, double, mode);
  }
  return addOrdered(signA, powerA, highA, lowA, signB, powerA - powerB, highB, lowB, double, mode);
}

/** `addWide` where the first is not smaller in magnitude; the second is `distance` powers below. */
function addOrdered(
  signA: u32, power: i32, highA: u64, lowA: u64, signB: u32, distance: i32, highB: u64, lowB: u64, double: bool, mode: u32,
): u64 {
  // Align the smaller one, keeping in its last bit whether anything was shifted out.
  let high = highB;
  let low = lowB;
  if (distance >= 128) {
    high = 0;
    low = 1;
  } else if (distance >= 64) {
    const lost = low != 0 || (distance > 64 && high << <u64>(128 - distance) != 0);
    low = (high >> <u64>(distance - 64)) | <u64>lost;
    high = 0;
  } else if (distance > 0) {
    const lost = low << <u64>(64 - distance) != 0;
    low = (low >> <u64>distance) | high << <u64>(64 - distance) | <u64>lost;
    high = high >> <u64>distance;
  }
  if (signA == signB) {
    const sumLow = lowA + low;
    const carry: u64 = <u64>(sumLow < low);
    const sum = highA + high;
    const sumHigh = sum + carry;
    if (sum < high || sumHigh < sum) {
      return pack(signA, power + 1, <u64>1 << 63 | sumHigh >> 1, sumHigh << 63 | (sumLow >> 1) | (sumLow & 1), double, mode);
    }
    return pack(signA, power, sumHigh, sumLow, double, mode);
  }
  const borrow: u64 = <u64>(lowA < low);
  const differenceLow = lowA - low;
  const differenceHigh = highA - high - borrow;
  if ((differenceHigh | differenceLow) == 0) return zero(mode == RDN ? 1 : 0, double);
  if (differenceHigh == 0) {
    const shift = clz(differenceLow);
    return pack(signA, power - 64 - <i32>shift, differenceLow << shift, 0, double, mode);
  }
  const shift = clz(differenceHigh);
  const filled = shift == 0 ? differenceHigh : differenceHigh << shift | differenceLow >> (64 - shift);
  return pack(signA, power - <i32>shift, filled, differenceLow << shift, double, mode);
}

/** A + B, with the sign of B flipped by `flip`. */
export function add(flip: u32, double: bool, mode: u32): u64 {
  const signA = sign(A);
  const signB = sign(B) ^ flip;
  if (kind(A) >= QUIET || kind(B) >= QUIET) return nanOf(double);
  if (kind(A) == INFINITE) {
    if (kind(B) == INFINITE && signA != signB) return invalid(double);
    return infinity(signA, double);
  }
  if (kind(B) == INFINITE) return infinity(signB, double);
  if (kind(A) == ZERO && kind(B) == ZERO) return zero(signA == signB ? signA : mode == RDN ? 1 : 0, double);
  if (kind(A) == ZERO) return pack(signB, exponent(B), significand(B), 0, double, mode);
  if (kind(B) == ZERO) return pack(signA, exponent(A), significand(A), 0, double, mode);
  return addWide(signA, exponent(A), significand(A), 0, signB, exponent(B), significand(B), 0, double, mode);
}

/** A NaN result of operands of which one is a NaN: canonical, invalid if one signals. */
export function nanOf(double: bool): u64 {
  if (kind(A) == SIGNALING || kind(B) == SIGNALING) setFlags(INVALID);
  return nan(double);
}

export function invalid(double: bool): u64 {
  setFlags(INVALID);
  return nan(double);
}

/** A * B. */
export function multiply(double: bool, mode: u32): u64 {
  const negative = sign(A) ^ sign(B);
  if (kind(A) >= QUIET || kind(B) >= QUIET) return nanOf(double);
  if (kind(A) == INFINITE || kind(B) == INFINITE) {
    return kind(A) == ZERO || kind(B) == ZERO ? invalid(double) : infinity(negative, double);
  }
  if (kind(A) == ZERO || kind(B) == ZERO) return zero(negative, double);
  const high = mulhu(significand(A), significand(B));
  const low = significand(A) * significand(B);
  const power = exponent(A) + exponent(B);
  if (high >> 63 != 0) return pack(negative, power + 1, high, low, double, mode);
  return pack(negative, power, high << 1 | low >> 63, low << 1, double, mode);
}

/** A * B + C with one rounding; `flipProduct` and `flipAddend` negate product and addend. */
export function multiplyAdd(flipProduct: u32, flipAddend: u32, double: bool, mode: u32): u64 {
  const negative = sign(A) ^ sign(B) ^ flipProduct;
  const signC = sign(C) ^ flipAddend;
  const infiniteProduct = kind(A) == INFINITE || kind(B) == INFINITE;
  const zeroProduct = kind(A) == ZERO || kind(B) == ZERO;
  if (kind(A) >= QUIET || kind(B) >= QUIET || kind(C) >= QUIET) {
    // Infinity times zero is invalid also when the addend is a quiet NaN.
    if (kind(C) == SIGNALING || (infiniteProduct && zeroProduct)) setFlags(INVALID);
    return nanOf(double);
  }
  if (infiniteProduct) {
    if (zeroProduct || (kind(C) == INFINITE && signC != negative)) return invalid(double);
    return infinity(negative, double);
  }
  if (kind(C) == INFINITE) return infinity(signC, double);
  if (zeroProduct) {
    if (kind(C) == ZERO) return zero(negative == signC ? negative : mode == RDN ? 1 : 0, double);
    return pack(signC, exponent(C), significand(C), 0, double, mode);
  }
  let high = mulhu(significand(A), significand(B));
  let low = significand(A) * significand(B);
  let power = exponent(A) + exponent(B) + 1;
  if (high >> 63 == 0) {
    high = high << 1 | low >> 63;
    low <<= 1;
    power--;
  }
  if (kind(C) == ZERO) return pack(negative, power, high, low, double, mode);
  return addWide(negative, power, high, low, signC, exponent(C), significand(C), 0, double, mode);
}

/** A / B. */
export function divide(double: bool, mode: u32): u64 {
  const negative = sign(A) ^ sign(B);
  if (kind(A) >= QUIET || kind(B) >= QUIET) return nanOf(double);
  if (kind(A) == INFINITE) return kind(B) == INFINITE ? invalid(double) : infinity(negative, double);
  if (kind(B) == INFINITE) return zero(negative, double);
  if (kind(B) == ZERO) {
    if (kind(A) == ZERO) return invalid(double);
    setFlags(DIVIDE_BY_ZERO);
    return infinity(negative, double);
  }
  if (kind(A) == ZERO) return zero(negative, double);
  // Both have at most 53 bits, so that the halves are exact.
  const divisor = significand(B) >> 1;
  let remainder = significand(A) >> 1;
  let quotient: u64 = 0;
  for (let i = 0; i < 64; i++) {
    quotient <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1;
    }
    remainder <<= 1;
  }
  const power = exponent(A) - exponent(B);
  if (quotient >> 63 != 0) return pack(negative, power, quotient, remainder, double, mode);
  return pack(negative, power - 1, quotient << 1, remainder, double, mode);
}

/** The square root of A. */
export function squareRoot(double: bool, mode: u32): u64 {
  if (kind(A) >= QUIET) {
    if (kind(A) == SIGNALING) setFlags(INVALID);
    return nan(double);
  }
  if (kind(A) == ZERO) return zero(sign(A), double);
  if (sign(A) != 0) return invalid(double);
  if (kind(A) == INFINITE) return infinity(0, double);
  let digits = (exponent(A) & 1) != 0 ? significand(A) : significand(A) >> 1;
  let remainder: u64 = 0;
  let root: u64 = 0;
  for (let i = 0; i < 56; i++) {
    remainder = remainder << 2 | digits >> 62;
    digits <<= 2;
    const trial = root << 2 | 1;
    root <<= 1;
    if (remainder >= trial) {
      remainder -= trial;
      root |= 1;
    }
  }
  return pack(0, exponent(A) >> 1, root << 8, remainder, double, mode);
}
