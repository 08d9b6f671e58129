/**
 * Operands of a decoded record (`decode.ts`), taken apart where they are used: register numbers times eight, and the
 * immediate; and registers by eight times their number, so that their base is the immediate offset of a load or store.
 */
import { F, X } from "./layout";

@inline
export function rd(word: u32): usize {
  return (word >> 5) & 0x1f8;
}

@inline
export function rs1(word: u32): usize {
  return (word >> 13) & 0xf8;
}

@inline
export function rs2(word: u32): usize {
  return (word >> 21) & 0xf8;
}

@inline
export function imm(record: usize): i32 {
  return load<i32>(record, 4);
}

/** The instruction itself, where the record carries it. */
@inline
export function raw(record: usize): u32 {
  return load<u32>(record, 4);
}

@inline
export function x(at: usize): u64 {
  return load<u64>(at, X);
}

@inline
export function setX(at: usize, value: u64): void {
  store<u64>(at, value, X);
}

@inline
export function f(at: usize): u64 {
  return load<u64>(at, F);
}

@inline
export function setF(at: usize, value: u64): void {
  store<u64>(at, value, F);
}
