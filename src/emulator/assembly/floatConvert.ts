/** Conversions between floating-point and integers, comparisons, minimum and maximum, classification. */
import {
  A, B, exponent, FINITE, INEXACT, infinity, INFINITE, INVALID, kind, nan, pack, QUIET, roundsUp, setFlags, sign, SIGNALING,
  significand, ZERO, zero,
} from "./float";

/** A as an integer of 32 or 64 bits, saturating (RISC-V, table of float-to-integer conversions); words sign-extended. */
export function toInteger(signed: bool, wide: bool, mode: u32): u64 {
  const least: u64 = signed ? (wide ? 1 << 63 : <u64><i64>i32.MIN_VALUE) : 0;
  const greatest: u64 = signed ? (wide ? ~(<u64>1 << 63) : 0x7fffffff) : wide ? ~0 : ~0;
  if (kind(A) >= QUIET) return saturate(greatest);
  if (kind(A) == INFINITE) return saturate(sign(A) != 0 ? least : greatest);
  if (kind(A) == ZERO) return 0;
  const power = exponent(A);
  if (power > 63) return saturate(sign(A) != 0 ? least : greatest);
  let magnitude: u64 = 0;
  let guard = false;
  let sticky = true;
  if (power >= 0) {
    const shift = <u64>(63 - power);
    magnitude = significand(A) >> shift;
    const rest = shift == 0 ? 0 : significand(A) << (64 - shift);
    guard = rest >> 63 != 0;
    sticky = rest << 1 != 0;
  } else if (power == -1) {
    guard = true;
    sticky = significand(A) << 1 != 0;
  }
  // At power 63 nothing is discarded, so that the increment cannot wrap.
  if (roundsUp(sign(A), (magnitude & 1) != 0, guard, sticky, mode)) magnitude++;
  if (!fits(magnitude, signed, wide)) return saturate(sign(A) != 0 ? least : greatest);
  if (guard || sticky) setFlags(INEXACT);
  const value = sign(A) != 0 ? 0 - magnitude : magnitude;
  return wide ? value : <u64><i64><i32>value;
}

function fits(magnitude: u64, signed: bool, wide: bool): bool {
  if (!signed) {
    if (sign(A) != 0) return magnitude == 0;
    return wide || magnitude >> 32 == 0;
  }
  const limit: u64 = <u64>1 << (wide ? 63 : 31);
  return sign(A) != 0 ? magnitude <= limit : magnitude < limit;
}

function saturate(value: u64): u64 {
  setFlags(INVALID);
  return value;
}

/** An integer as a floating-point number. */
export function fromInteger(value: u64, signed: bool, double: bool, mode: u32): u64 {
  if (value == 0) return 0;
  const negative: u32 = signed && <i64>value < 0 ? 1 : 0;
  const magnitude = negative != 0 ? 0 - value : value;
  const shift = clz(magnitude);
  return pack(negative, 63 - <i32>shift, magnitude << shift, 0, double, mode);
}

/** A, unpacked from the other format, in this one. */
export function convert(double: bool, mode: u32): u64 {
  if (kind(A) >= QUIET) {
    if (kind(A) == SIGNALING) setFlags(INVALID);
    return nan(double);
  }
  if (kind(A) == INFINITE) return infinity(sign(A), double);
  if (kind(A) == ZERO) return zero(sign(A), double);
  return pack(sign(A), exponent(A), significand(A), 0, double, mode);
}

/** -1, 0, 1 as A is less than, equal to, greater than B; neither is a NaN. */
function order(): i32 {
  if (kind(A) == ZERO && kind(B) == ZERO) return 0;
  const negativeA = sign(A) != 0 && kind(A) != ZERO;
  const negativeB = sign(B) != 0 && kind(B) != ZERO;
  if (negativeA != negativeB) return negativeA ? -1 : 1;
  const magnitude = orderOfMagnitudes();
  return negativeA ? -magnitude : magnitude;
}

function orderOfMagnitudes(): i32 {
  if (kind(A) != kind(B)) return kind(A) < kind(B) ? -1 : 1;
  if (kind(A) != FINITE) return 0;
  if (exponent(A) != exponent(B)) return exponent(A) < exponent(B) ? -1 : 1;
  if (significand(A) != significand(B)) return significand(A) < significand(B) ? -1 : 1;
  return 0;
}

/** feq (2), flt (1), fle (0) by their funct3. The ordered ones are invalid on every NaN, feq on signaling ones only. */
export function compare(funct3: u32): u64 {
  if (kind(A) >= QUIET || kind(B) >= QUIET) {
    if (funct3 != 2 || kind(A) == SIGNALING || kind(B) == SIGNALING) setFlags(INVALID);
    return 0;
  }
  const result = order();
  return <u64>(funct3 == 2 ? result == 0 : funct3 == 1 ? result < 0 : result <= 0);
}

/** fmin, fmax: of a NaN and a number the number; -0 is less than +0. `a`, `b` are the operands' own bits. */
export function select(a: u64, b: u64, greatest: bool, double: bool): u64 {
  if (kind(A) == SIGNALING || kind(B) == SIGNALING) setFlags(INVALID);
  if (kind(A) >= QUIET) return kind(B) >= QUIET ? nan(double) : b;
  if (kind(B) >= QUIET) return a;
  let result = order();
  if (result == 0) result = <i32>sign(B) - <i32>sign(A);
  return (result > 0) == greatest ? a : b;
}

/** The bit that fclass sets. */
export function classify(subnormal: bool): u64 {
  if (kind(A) == SIGNALING) return 1 << 8;
  if (kind(A) == QUIET) return 1 << 9;
  const distance = kind(A) == INFINITE ? 3 : kind(A) == ZERO ? 0 : subnormal ? 1 : 2;
  return <u64>1 << (sign(A) != 0 ? 3 - distance : 4 + distance);
}
