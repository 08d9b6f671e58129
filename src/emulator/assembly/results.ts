/**
 * Values of the inner loop's instructions on registers, found with few comparisons where they are frequent. Counts of shifts
 * are taken modulo the width, as WebAssembly's shifts do.
 */
import { Op } from "./operations";

/** Of a register and an immediate. */
@inline
export function immediateResult(which: i32, a: u64, b: u64): u64 {
  if (which < Op.SRLI) return which == Op.ANDI ? a & b : a << b;
  if (which < Op.SLTI) return which == Op.SRLI ? a >> b : word(<i32>a + <i32>b);
  if (which < Op.SRAI) {
    if (which < Op.XORI) return <u64>(which == Op.SLTI ? <i64>a < <i64>b : a < b);
    return which == Op.XORI ? a ^ b : a | b;
  }
  if (which < Op.SRLIW) return which == Op.SRAI ? <u64>(<i64>a >> <i64>b) : word(<i32>a << <i32>b);
  return which == Op.SRLIW ? word(<i32>(<u32>a >> <u32>b)) : word(<i32>a >> <i32>b);
}

/** Of two registers. */
@inline
export function registerResult(which: i32, a: u64, b: u64): u64 {
  if (which == Op.ADD) return a + b;
  if (which < Op.SLL) {
    if (which < Op.AND) return which == Op.SUB ? a - b : a | b;
    return which == Op.AND ? a & b : a ^ b;
  }
  if (which < Op.ADDW) {
    if (which < Op.SRA) return which == Op.SLL ? a << b : a >> b;
    if (which == Op.SRA) return <u64>(<i64>a >> <i64>b);
    return <u64>(which == Op.SLT ? <i64>a < <i64>b : a < b);
  }
  if (which < Op.SRLW) {
    if (which == Op.SLLW) return word(<i32>a << <i32>b);
    return word(which == Op.ADDW ? <i32>a + <i32>b : <i32>a - <i32>b);
  }
  if (which < Op.MUL) return which == Op.SRLW ? word(<i32>(<u32>a >> <u32>b)) : word(<i32>a >> <i32>b);
  return which == Op.MUL ? a * b : word(<i32>a * <i32>b);
}

/** A 32-bit result as a register holds it. */
@inline
function word(value: i32): u64 {
  return <u64><i64>value;
}
