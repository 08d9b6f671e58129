/** Access to the hart's registers and status bits, which live in linear memory. */
import { F, MSTATUS, PRIVILEGE, X } from "./layout";

export const USER: u32 = 0;
export const SUPERVISOR: u32 = 1;
export const MACHINE: u32 = 3;

// Fields of mstatus (privileged architecture, 3.1.6).
export const MSTATUS_SIE: u64 = 1 << 1;
export const MSTATUS_MIE: u64 = 1 << 3;
export const MSTATUS_SPIE: u64 = 1 << 5;
export const MSTATUS_MPIE: u64 = 1 << 7;
export const MSTATUS_SPP: u64 = 1 << 8;
export const MSTATUS_MPP: u64 = 3 << 11;
export const MSTATUS_FS: u64 = 3 << 13;
export const MSTATUS_MPRV: u64 = 1 << 17;
export const MSTATUS_SUM: u64 = 1 << 18;
export const MSTATUS_MXR: u64 = 1 << 19;
export const MSTATUS_TVM: u64 = 1 << 20;
export const MSTATUS_TW: u64 = 1 << 21;
export const MSTATUS_TSR: u64 = 1 << 22;
/** UXL = SXL = 64 bits, read-only. */
export const MSTATUS_XL: u64 = 0x0000000a_00000000;
export const MSTATUS_SD: u64 = 1 << 63;

@inline
export function readX(number: u32): u64 {
  return load<u64>(X + ((<usize>number) << 3));
}

/** `number` may be X_SINK, never 0. */
@inline
export function writeX(number: u32, value: u64): void {
  store<u64>(X + ((<usize>number) << 3), value);
}

@inline
export function readF(number: u32): u64 {
  return load<u64>(F + ((<usize>number) << 3));
}

@inline
export function writeF(number: u32, value: u64): void {
  store<u64>(F + ((<usize>number) << 3), value);
}

@inline
export function privilege(): u32 {
  return load<u32>(PRIVILEGE);
}

/** Floating-point state is on: mstatus.FS is not Off. */
@inline
export function floatEnabled(): bool {
  return (load<u64>(MSTATUS) & MSTATUS_FS) != 0;
}

@inline
export function markFloatDirty(): void {
  store<u64>(MSTATUS, load<u64>(MSTATUS) | MSTATUS_FS);
}
