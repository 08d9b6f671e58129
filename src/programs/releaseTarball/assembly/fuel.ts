// The bound on the work of a tick. Every loop pays for an iteration, in machine steps and rounded up, before or while it
// runs; long loops stop when nothing is left and go on in the next tick. README.md holds the proof.

/** Steps that remain for this tick; may go below zero by what README.md calls the overrun. */
export let fuel: i32 = 0;

/** What a tick starts with. */
const TICK: i32 = 7_000_000;

export function refuel(): void {
  fuel = TICK;
}

// @ts-ignore: decorator
@inline
export function pay(steps: i32): void {
  fuel -= steps;
}

/** memory.copy for ranges that do not overlap or whose destination lies below the source; pays for itself. */
export function copy(to: u32, from: u32, size: u32): void {
  // A part moves up to 64 bytes within one 128-byte leaf at both ends: at most four parts of two steps per 128 bytes.
  fuel -= (size >> 4) + 40;
  memory.copy(to, from, size);
}

/** memory.fill with zeros; pays for itself: one step per leaf. */
export function clear(at: u32, size: u32): void {
  fuel -= (size >> 7) + 30;
  memory.fill(at, 0, size);
}
