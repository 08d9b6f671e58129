/**
 * Loads and stores that the fast path of `execute.ts` does not serve: TLB misses, misaligned and page-crossing accesses, and
 * stores to pages with decoded code. A page-crossing access translates both pages before it reads or writes; a fault on
 * the second names that page's first address.
 */
import { raise } from "./fault";
import { forgetRecords, READ, translate, WRITE } from "./translate";

@inline
function crosses(virtual: u64, size: u32): bool {
  return (<u32>virtual & 0xfff) + size > 0x1000;
}

function loadBytes(from: usize, count: u32): u64 {
  let value: u64 = 0;
  for (let i: u32 = 0; i < count; i++) value |= <u64>load<u8>(from + i) << (i << 3);
  return value;
}

function storeBytes(to: usize, value: u64, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u8>(to + i, <u8>(value >> (i << 3)));
  forgetRecords(to, count);
}

/** Little-endian value of `size` (1, 2, 4, 8) bytes, zero-extended; 0 with the fault raised. */
export function loadSlow(virtual: u64, size: u32): u64 {
  const first = translate(virtual, READ, virtual);
  if (first == 0) return 0;
  if (!crosses(virtual, size)) return loadBytes(first, size);
  const next = (virtual | 0xfff) + 1;
  const second = translate(next, READ, next);
  if (second == 0) return 0;
  const head = 0x1000 - (<u32>virtual & 0xfff);
  return loadBytes(first, head) | (loadBytes(second, size - head) << (head << 3));
}

/** Stores the low `size` bytes of `value`; nothing is written when a fault is raised. */
export function storeSlow(virtual: u64, value: u64, size: u32): void {
  const first = translate(virtual, WRITE, virtual);
  if (first == 0) return;
  if (!crosses(virtual, size)) {
    storeBytes(first, value, size);
    return;
  }
  const next = (virtual | 0xfff) + 1;
  const second = translate(next, WRITE, next);
  if (second == 0) return;
  const head = 0x1000 - (<u32>virtual & 0xfff);
  storeBytes(first, value, head);
  storeBytes(second, value >> (head << 3), size - head);
}

/** Host address for an LR, SC or AMO of `size` bytes; misaligned ones raise, as the A extension leaves it open. */
export function translateAtomic(virtual: u64, size: u32, access: u32, misaligned: u32): usize {
  if ((virtual & (size - 1)) != 0) {
    raise(misaligned, virtual);
    return 0;
  }
  return translate(virtual, access, virtual);
}

/** Stores at a host address that `translateAtomic` gave for WRITE. */
export function storeAtomic(host: usize, value: u64, size: u32): void {
  if (size == 8) store<u64>(host, value);
  else store<u32>(host, <u32>value);
  forgetRecords(host, size);
}

