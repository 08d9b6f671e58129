/** The M extension where WebAssembly has no such instruction: high products, division with its defined special cases. */

/** High 64 bits of the unsigned product. */
export function mulhu(a: u64, b: u64): u64 {
  const al = a & 0xffffffff;
  const ah = a >> 32;
  const bl = b & 0xffffffff;
  const bh = b >> 32;
  const low = al * bl;
  const middle = ah * bl + (low >> 32);
  const cross = al * bh + (middle & 0xffffffff);
  return ah * bh + (middle >> 32) + (cross >> 32);
}

export function mulh(a: u64, b: u64): u64 {
  return mulhu(a, b) - (<i64>a < 0 ? b : 0) - (<i64>b < 0 ? a : 0);
}

export function mulhsu(a: u64, b: u64): u64 {
  return mulhu(a, b) - (<i64>a < 0 ? b : 0);
}

export function div(a: u64, b: u64): u64 {
  if (b == 0) return ~0;
  return b == ~0 ? 0 - a : <u64>(<i64>a / <i64>b);
}

@inline
export function divu(a: u64, b: u64): u64 {
  return b == 0 ? ~0 : a / b;
}

export function rem(a: u64, b: u64): u64 {
  if (b == 0) return a;
  return b == ~0 ? 0 : <u64>(<i64>a % <i64>b);
}

@inline
export function remu(a: u64, b: u64): u64 {
  return b == 0 ? a : a % b;
}

export function divw(a: i32, b: i32): u64 {
  if (b == 0) return ~0;
  return <u64><i64>(b == -1 ? -a : a / b);
}

@inline
export function divuw(a: u32, b: u32): u64 {
  return b == 0 ? ~0 : <u64><i64><i32>(a / b);
}

export function remw(a: i32, b: i32): u64 {
  if (b == 0) return <u64><i64>a;
  return <u64><i64>(b == -1 ? 0 : a % b);
}

@inline
export function remuw(a: u32, b: u32): u64 {
  return <u64><i64><i32>(b == 0 ? a : a % b);
}
