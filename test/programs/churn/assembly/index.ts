/**
 * A program that computes nothing of use, in ticks of a chosen size: mixes words over a working set, with 32- and 64-bit
 * globals, bulk memory and calls. Parameters are in its drive at 64 KiB: ticks, rounds in a tick, log2 of the bytes it
 * works on, and what to do in the end (0 halt, 1 trap, 2 never end).
 */
const drive: usize = 0x10000;
const work: usize = 0x200000;

let started: i32 = 0;
let done: u32 = 0;
let mixed: u64 = 0x9e3779b97f4a7c15;
let position: u32 = 0;

export function tick(): i32 {
  if (!started) {
    started = 1;
    store<u32>(0, 1);
  }
  const ticks = load<u32>(drive);
  const mask = (<usize>1 << load<u32>(drive, 8)) - 1;
  if (done == ticks) return finish(mask);
  round(load<u32>(drive, 4), mask);
  done += 1;
  return 0;
}

function round(count: u32, mask: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    mixed = mix(mixed + i);
    const at = work + ((<usize>mixed + ((<usize>position << 12) >> 3)) & mask & ~7);
    store<u64>(at, load<u64>(at) ^ mixed);
    if ((<u32>mixed & 1023) == 0) memory.copy(work + (<usize>(mixed >> 32) & mask & ~4095), at & ~63, 640);
  }
  position = (position + 97) & 1023;
  memory.fill(work + (<usize>position << 6), <u8>position, 100);
}

function mix(word: u64): u64 {
  word ^= word >> 30;
  word *= 0xbf58476d1ce4e5b9;
  word ^= word >> 27;
  return rotl<u64>(word, 31) ^ (word / 10007);
}

function finish(mask: usize): i32 {
  const ending = load<u32>(drive, 12);
  if (ending == 1) unreachable();
  while (ending == 2) mixed = mix(mixed);
  let sum: u64 = mixed;
  for (let at = work; at <= work + mask; at += 4096) sum = mix(sum ^ load<u64>(at));
  store<u64>(8, 4096);
  for (let i: usize = 0; i < 32; i += 8) store<u64>(16 + i, (sum = mix(sum)));
  return 1;
}
