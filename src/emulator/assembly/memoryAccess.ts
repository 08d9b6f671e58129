/**
 * Loads and stores that the fast path of `execute.ts` does not serve: TLB misses, misaligned and page-crossing accesses, and
 * stores to pages with decoded code. A page-crossing access translates both pages before it reads or writes; a fault on
 * the second names that page's first address.
 */
import { charge, CROSSING, MISALIGNED, RARE } from "./charge";
import { faulted, raise } from "./fault";
import { f, imm, imm16, operation, rd, rs1, rs2, setF, setX, x } from "./operands";
import { Op } from "./operations";
import { floatEnabled, markFloatDirty } from "./registers";
import { forgetRecords, READ, translate, WRITE } from "./translate";

@inline
function crosses(virtual: u64, size: u32): bool {
  return (<u32>virtual & 0xfff) + size > 0x1000;
}

@inline
function chargeAccess(virtual: u64, size: u32): void {
  if ((virtual & (size - 1)) != 0) charge(crosses(virtual, size) ? MISALIGNED + CROSSING : MISALIGNED);
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

function loadWhole(from: usize, size: u32): u64 {
  if (size == 8) return load<u64>(from);
  if (size == 4) return <u64>load<u32>(from);
  return size == 2 ? <u64>load<u16>(from) : <u64>load<u8>(from);
}

function storeWhole(to: usize, value: u64, size: u32): void {
  if (size == 8) store<u64>(to, value);
  else if (size == 4) store<u32>(to, <u32>value);
  else if (size == 2) store<u16>(to, <u16>value);
  else store<u8>(to, <u8>value);
  forgetRecords(to, size);
}

/** Little-endian value of `size` (1, 2, 4, 8) bytes, zero-extended; 0 with the fault raised. */
export function loadSlow(virtual: u64, size: u32): u64 {
  chargeAccess(virtual, size);
  const first = translate(virtual, READ, virtual);
  if (first == 0) return 0;
  if (!crosses(virtual, size)) return loadWhole(first, size);
  const next = (virtual | 0xfff) + 1;
  const second = translate(next, READ, next);
  if (second == 0) return 0;
  const head = 0x1000 - (<u32>virtual & 0xfff);
  return loadBytes(first, head) | (loadBytes(second, size - head) << (head << 3));
}

/** Stores the low `size` bytes of `value`; false with the fault raised, and then nothing is written. */
export function storeSlow(virtual: u64, value: u64, size: u32): bool {
  chargeAccess(virtual, size);
  const first = translate(virtual, WRITE, virtual);
  if (first == 0) return false;
  if (!crosses(virtual, size)) {
    storeWhole(first, value, size);
    return true;
  }
  const next = (virtual | 0xfff) + 1;
  const second = translate(next, WRITE, next);
  if (second == 0) return false;
  const head = 0x1000 - (<u32>virtual & 0xfff);
  storeBytes(first, value, head);
  storeBytes(second, value >> (head << 3), size - head);
  return true;
}

/** Executes the integer load of the record `at`, not into x0; false with the fault raised. */
export function loadMissed(at: usize, virtual: u64): bool {
  const which = operation(at) == Op.LD_LD ? 3 : operation(at) - Op.LB;
  const size: u32 = 1 << <u32>(which & 3);
  const to = rd(at);
  const value = loadSlow(virtual, size);
  if (faulted()) return false;
  const unused = <u64>(64 - (size << 3));
  setX(to, which > 3 ? value : <u64>(<i64>(value << unused) >> unused));
  return true;
}

/** Executes the integer store of the record `at`; false with the fault raised. */
export function storeMissed(at: usize, virtual: u64): bool {
  return storeSlow(virtual, x(rs2(at)), operation(at) == Op.SD_SD ? 8 : 1 << <u32>(operation(at) - Op.SB));
}

/** Executes the floating-point load or store of the record `at`; false: a fault is raised, or none and it is illegal. */
export function moveFloat(at: usize): bool {
  charge(RARE);
  if (!floatEnabled()) return false;
  const which = operation(at);
  const size: u32 = which == Op.FLD || which == Op.FSD ? 8 : 4;
  if (which >= Op.FSW) return storeSlow(x(rs1(at)) + <u64>imm16(at), f(rs2(at)), size);
  const to = rd(at);
  const value = loadSlow(x(rs1(at)) + imm(at), size);
  if (faulted()) return false;
  setF(to, size == 8 ? value : value | 0xffffffff_00000000);
  markFloatDirty();
  return true;
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

