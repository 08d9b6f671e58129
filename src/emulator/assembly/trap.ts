/** Exceptions and interrupts: entry (privileged architecture 3.1.6-3.1.16, 4.1) and return. */
import { clearReservation } from "./atomic";
import { FAULT_CAUSE, FAULT_VALUE, FIRMWARE, MCAUSE, MEDELEG, MEPC, MIDELEG, MIE, MIP, MSTATUS, MTVAL, MTVEC, PC, PRIVILEGE, RETIRED, SCAUSE, SEPC, STVAL, STVEC, TIME_COMPARE, TIME_DIVIDER, TIME_OFFSET } from "./layout";
import {
  MACHINE, MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_SIE, MSTATUS_SPIE, MSTATUS_SPP, privilege,
  SUPERVISOR, USER,
} from "./registers";

export const INTERRUPT: u64 = 1 << 63;
/** Supervisor timer interrupt pending, in mip, mie and mideleg. */
export const STIP: u64 = 1 << 5;

@inline
export function time(): u64 {
  return load<u64>(RETIRED) / <u64>load<u32>(TIME_DIVIDER) + load<u64>(TIME_OFFSET);
}

/** mip as it reads now: with built-in firmware the supervisor timer's bit follows time. */
export function pending(): u64 {
  const bits = load<u64>(MIP);
  return load<u32>(FIRMWARE) != 0 && time() >= load<u64>(TIME_COMPARE) ? bits | STIP : bits;
}

/** Enters the handler for `cause` (with the interrupt bit where it is one). */
export function enterTrap(cause: u64, value: u64): void {
  const mode = privilege();
  const pc = load<u64>(PC);
  const status = load<u64>(MSTATUS);
  const code = cause & 63;
  const delegated = load<u64>((cause & INTERRUPT) != 0 ? MIDELEG : MEDELEG);
  clearReservation();
  if (mode != MACHINE && (load<u32>(FIRMWARE) != 0 || ((delegated >> code) & 1) != 0)) {
    store<u64>(SEPC, pc);
    store<u64>(SCAUSE, cause);
    store<u64>(STVAL, value);
    const previous = (status & MSTATUS_SIE) != 0 ? MSTATUS_SPIE : 0;
    store<u64>(MSTATUS, (status & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE)) | previous | (mode == SUPERVISOR ? MSTATUS_SPP : 0));
    store<u32>(PRIVILEGE, SUPERVISOR);
    store<u64>(PC, vector(load<u64>(STVEC), cause));
  } else {
    store<u64>(MEPC, pc);
    store<u64>(MCAUSE, cause);
    store<u64>(MTVAL, value);
    const previous = (status & MSTATUS_MIE) != 0 ? MSTATUS_MPIE : 0;
    store<u64>(MSTATUS, (status & ~(MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE)) | previous | ((<u64>mode) << 11));
    store<u32>(PRIVILEGE, MACHINE);
    store<u64>(PC, vector(load<u64>(MTVEC), cause));
  }
}

/** Delivers the fault that is noted, and forgets it. */
export function deliverFault(): void {
  const cause = <u64>(load<u32>(FAULT_CAUSE) - 1);
  const value = load<u64>(FAULT_VALUE);
  store<u32>(FAULT_CAUSE, 0);
  store<u64>(FAULT_VALUE, 0);
  enterTrap(cause, value);
}

function vector(base: u64, cause: u64): u64 {
  const address = base & ~3;
  return (base & 3) == 1 && (cause & INTERRUPT) != 0 ? address + ((cause & 63) << 2) : address;
}

/** Takes the interrupt of highest priority that is pending, enabled and deliverable, if any. */
export function takeInterrupt(): bool {
  const waiting = pending() & load<u64>(MIE);
  if (waiting == 0) return false;
  const mode = privilege();
  const status = load<u64>(MSTATUS);
  const toSupervisor = load<u32>(FIRMWARE) != 0 ? ~0 : load<u64>(MIDELEG);
  const machineOn = mode != MACHINE || (status & MSTATUS_MIE) != 0;
  const supervisorOn = mode == USER || (mode == SUPERVISOR && (status & MSTATUS_SIE) != 0);
  let taken: u64 = machineOn ? waiting & ~toSupervisor : 0;
  if (taken == 0 && supervisorOn) taken = waiting & toSupervisor;
  if (taken == 0) return false;
  enterTrap(INTERRUPT | highestPriority(taken), 0);
  return true;
}

/** Order of priority: MEI, MSI, MTI, SEI, SSI, STI. */
function highestPriority(bits: u64): u64 {
  if ((bits & 1 << 11) != 0) return 11;
  if ((bits & 1 << 3) != 0) return 3;
  if ((bits & 1 << 7) != 0) return 7;
  if ((bits & 1 << 9) != 0) return 9;
  if ((bits & 1 << 1) != 0) return 1;
  return 5;
}

/** `sret`: the caller has checked that it is allowed. */
export function returnFromSupervisor(): void {
  const status = load<u64>(MSTATUS);
  const mode: u32 = (status & MSTATUS_SPP) != 0 ? SUPERVISOR : USER;
  const enabled = (status & MSTATUS_SPIE) != 0 ? MSTATUS_SIE : 0;
  store<u64>(MSTATUS, (status & ~(MSTATUS_SIE | MSTATUS_SPP | MSTATUS_MPRV)) | MSTATUS_SPIE | enabled);
  store<u32>(PRIVILEGE, mode);
  store<u64>(PC, load<u64>(SEPC));
}

/** `mret`. */
export function returnFromMachine(): void {
  const status = load<u64>(MSTATUS);
  const mode = <u32>((status & MSTATUS_MPP) >> 11);
  const enabled = (status & MSTATUS_MPIE) != 0 ? MSTATUS_MIE : 0;
  const keep = mode == MACHINE ? status : status & ~MSTATUS_MPRV;
  store<u64>(MSTATUS, (keep & ~(MSTATUS_MIE | MSTATUS_MPP)) | MSTATUS_MPIE | enabled);
  store<u32>(PRIVILEGE, mode);
  store<u64>(PC, load<u64>(MEPC));
}
