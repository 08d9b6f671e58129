/** The exception that the instruction at hand has raised, if any; `trap.ts` delivers it. */
import { FAULT_CAUSE, FAULT_VALUE } from "./layout";

// Exception causes (privileged architecture, table of mcause values).
export const FETCH_MISALIGNED: u32 = 0;
export const FETCH_ACCESS: u32 = 1;
export const ILLEGAL_INSTRUCTION: u32 = 2;
export const BREAKPOINT: u32 = 3;
export const LOAD_MISALIGNED: u32 = 4;
export const LOAD_ACCESS: u32 = 5;
export const STORE_MISALIGNED: u32 = 6;
export const STORE_ACCESS: u32 = 7;
export const ECALL_FROM_USER: u32 = 8;
export const ECALL_FROM_SUPERVISOR: u32 = 9;
export const ECALL_FROM_MACHINE: u32 = 11;
export const FETCH_PAGE_FAULT: u32 = 12;
export const LOAD_PAGE_FAULT: u32 = 13;
export const STORE_PAGE_FAULT: u32 = 15;

/** Notes an exception; `value` is what xtval will hold. */
export function raise(cause: u32, value: u64): void {
  store<u32>(FAULT_CAUSE, cause + 1);
  store<u64>(FAULT_VALUE, value);
}

@inline
export function faulted(): bool {
  return load<u32>(FAULT_CAUSE) != 0;
}
