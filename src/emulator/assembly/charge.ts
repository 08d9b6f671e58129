/**
 * Weights: what an event counts towards the end of its tick beyond the one that every event counts. Normative (README.md,
 * "Ticks and events"); they keep the work of a tick bounded.
 */
import { CHARGE, SETTLED } from "./layout";

/** Each lookup that misses its TLB, whether or not the walk succeeds. */
export const WALK: u32 = 2;
/** A trap that is entered, exception or interrupt. */
export const TRAP: u32 = 1;
/** A SYSTEM instruction or `fence.i` that retires. */
export const SYSTEM: u32 = 2;
/** An access that is misaligned, and besides when it lies on two pages; CROSSING alone for an instruction that lies on two. */
export const MISALIGNED: u32 = 1;
export const CROSSING: u32 = 2;
/** A high product, division or remainder of integers; an atomic instruction; a floating-point load or store; a load into x0. */
export const RARE: u32 = 1;
/** A console read or write by address, besides. */
export const CONSOLE_ACCESS: u32 = 2;
/** Floating-point instructions other than loads, stores, and those below. */
export const FLOAT: u32 = 2;
export const MULTIPLY_ADD: u32 = 6;
/** Division and square root. */
export const DIVIDE: u32 = 16;

export function charge(weight: u32): void {
  store<u32>(CHARGE, load<u32>(CHARGE) + weight);
}

/** Takes what has been charged off `left`, which stays at least 1: the event that is charged is carried out. */
export function settle(left: u32): u32 {
  const settled = load<u32>(SETTLED);
  const due = min(load<u32>(CHARGE) - settled, left - 1);
  store<u32>(SETTLED, settled + due);
  return left - due;
}

/** How much of `budget`, of which `left` is left, events have used up, without what was settled; forgets that. */
export function unsettled(budget: u32, left: u32): u32 {
  const used = budget - left - load<u32>(SETTLED);
  store<u32>(SETTLED, 0);
  return used;
}

/** All that has been charged since the last call. */
export function takeCharge(): u32 {
  const due = load<u32>(CHARGE);
  store<u32>(CHARGE, 0);
  return due;
}
