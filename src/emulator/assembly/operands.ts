/**
 * Decoded records of 8 bytes: `operation u8 · rd u8 · rs1 u8 · length u8`, then `immediate i32`, or `immediate i16 · 0 u8 ·
 * rs2 u8`, or the instruction itself. Register numbers are held times eight, so that their base is the immediate offset of a
 * load or store; the length is 8 or 16, the distance to the record that follows. Immediates of jumps and branches are in
 * records: bytes times four.
 */
import { F, X } from "./layout";

/** Bytes of record for each byte of code, as a shift. */
export const RECORD_SHIFT: u32 = 2;

@inline
export function operation(at: usize): i32 {
  return <i32>load<u8>(at);
}

@inline
export function rd(at: usize): usize {
  return load<u8>(at, 1);
}

@inline
export function rs1(at: usize): usize {
  return load<u8>(at, 2);
}

@inline
export function length(at: usize): usize {
  return load<u8>(at, 3);
}

@inline
export function rs2(at: usize): usize {
  return load<u8>(at, 7);
}

@inline
export function imm(at: usize): u64 {
  return <u64>load<i32>(at, 4);
}

/** The immediate of a jump. */
@inline
export function distance(at: usize): usize {
  return load<usize>(at, 4);
}

/** The immediate of a record that has rs2: a store or a branch. */
@inline
export function imm16(at: usize): i32 {
  return <i32>load<i16>(at, 4);
}

/** The instruction itself, where the record carries it. */
@inline
export function raw(at: usize): u32 {
  return load<u32>(at, 4);
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

/** Virtual address of the instruction whose record is, or would be, at `at` of the line of the page at `page`. */
@inline
export function pcOf(page: u64, line: usize, at: usize): u64 {
  return page + <u64>((at - line) >> RECORD_SHIFT);
}

/** After a write to what may have been x0. */
@inline
export function clearX0(): void {
  store<u64>(X, 0);
}
