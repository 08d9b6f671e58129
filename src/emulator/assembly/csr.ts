/** Control and status registers: which exist, what reads give, what writes keep (WARL). */
import { CYCLE_OFFSET, FCSR, FIRMWARE, INSTRET_OFFSET, MCAUSE, MCOUNTEREN, MEDELEG, MENVCFG, MEPC, MIDELEG, MIE, MIP, MSCRATCH, MSTATUS, MTVAL, MTVEC, RETIRED, SATP, SCAUSE, SCOUNTEREN, SENVCFG, SEPC, SSCRATCH, STVAL, STVEC } from "./layout";
import {
  floatEnabled, MACHINE, markFloatDirty, MSTATUS_FS, MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_MXR,
  MSTATUS_SD, MSTATUS_SIE, MSTATUS_SPIE, MSTATUS_SPP, MSTATUS_SUM, MSTATUS_TSR, MSTATUS_TVM, MSTATUS_TW, MSTATUS_XL,
  privilege, SUPERVISOR,
} from "./registers";
import { flushTlb } from "./translate";
import { pending, time } from "./trap";

const SSTATUS: u64 = MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR;
const MSTATUS_WRITABLE: u64 = SSTATUS | MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR;
/** SSIP, STIP, SEIP: the supervisor's interrupts. */
const SUPERVISOR_INTERRUPTS: u64 = 0x222;
/** Besides them the machine's: MSIP, MTIP, MEIP. */
const ALL_INTERRUPTS: u64 = 0xaaa;
/** Exceptions that can be delegated: all but the call from machine mode. */
const DELEGABLE: u64 = 0xb3ff;
/** MXL = 64 bits; A C D F I M S U. */
const MISA: u64 = 0x80000000_0014112d;

/** Set by `readCsr` and `writeCsr` when the register does not exist or may not be used so. */
export let csrRefused: bool = false;

export function clearCsr(): void {
  csrRefused = false;
}

/** True when the number's own bits, the privilege, and FS, counters and TVM allow the access. */
function allowed(number: u32, writes: bool): bool {
  if (writes && number >> 10 == 3) return false;
  if (((number >> 8) & 3) > privilege()) return false;
  if (number <= 3) return floatEnabled();
  if (number == 0x180 && privilege() == SUPERVISOR && (load<u64>(MSTATUS) & MSTATUS_TVM) != 0) return false;
  if (number >= 0xc00 && number <= 0xc1f) {
    const bit = <u64>1 << (number & 31);
    if (privilege() != MACHINE && (load<u64>(MCOUNTEREN) & bit) == 0) return false;
    if (privilege() < SUPERVISOR && (load<u64>(SCOUNTEREN) & bit) == 0) return false;
  }
  return true;
}

/** Value of a register; sets `csrRefused` instead where the access is illegal. `writes`: a write will follow. */
export function readCsr(number: u32, writes: bool): u64 {
  csrRefused = !allowed(number, writes);
  if (csrRefused) return 0;
  switch (number) {
    case 0x001: return load<u64>(FCSR) & 31;
    case 0x002: return load<u64>(FCSR) >> 5;
    case 0x003: return load<u64>(FCSR);
    case 0x100: return readStatus() & (SSTATUS | MSTATUS_SD | 0x3_00000000);
    case 0x104: return load<u64>(MIE) & delegated();
    case 0x105: return load<u64>(STVEC);
    case 0x106: return load<u64>(SCOUNTEREN);
    case 0x10a: return load<u64>(SENVCFG);
    case 0x140: return load<u64>(SSCRATCH);
    case 0x141: return load<u64>(SEPC);
    case 0x142: return load<u64>(SCAUSE);
    case 0x143: return load<u64>(STVAL);
    case 0x144: return pending() & delegated();
    case 0x180: return load<u64>(SATP);
    case 0x300: return readStatus();
    case 0x301: return MISA;
    case 0x302: return load<u64>(MEDELEG);
    case 0x303: return load<u64>(MIDELEG);
    case 0x304: return load<u64>(MIE);
    case 0x305: return load<u64>(MTVEC);
    case 0x306: return load<u64>(MCOUNTEREN);
    case 0x30a: return load<u64>(MENVCFG);
    case 0x340: return load<u64>(MSCRATCH);
    case 0x341: return load<u64>(MEPC);
    case 0x342: return load<u64>(MCAUSE);
    case 0x343: return load<u64>(MTVAL);
    case 0x344: return pending();
    case 0xb00: return load<u64>(RETIRED) + load<u64>(CYCLE_OFFSET);
    case 0xb02: return load<u64>(RETIRED) + load<u64>(INSTRET_OFFSET);
    case 0xc00: return load<u64>(RETIRED) + load<u64>(CYCLE_OFFSET);
    case 0xc01: return time();
    case 0xc02: return load<u64>(RETIRED) + load<u64>(INSTRET_OFFSET);
    default:
      csrRefused = !readsZero(number);
      return 0;
  }
}

/** The interrupts that sie and sip show: those that go to supervisor mode. */
function delegated(): u64 {
  return load<u32>(FIRMWARE) != 0 ? SUPERVISOR_INTERRUPTS : load<u64>(MIDELEG);
}

/**
 * Registers that exist and are always zero: identification, PMP, event counters, mcountinhibit, triggers. Of pmpcfg0..15,
 * RV64 has the even ones only.
 */
function readsZero(number: u32): bool {
  return (number >= 0xf11 && number <= 0xf15) || (number >= 0x3b0 && number <= 0x3ef)
    || (number >= 0x3a0 && number <= 0x3af && (number & 1) == 0) || number == 0x320
    || (number >= 0x323 && number <= 0x33f) || (number >= 0xb03 && number <= 0xb1f) || (number >= 0xc03 && number <= 0xc1f)
    || (number >= 0x7a0 && number <= 0x7a3);
}

function readStatus(): u64 {
  const status = load<u64>(MSTATUS);
  return (status & MSTATUS_FS) == MSTATUS_FS ? status | MSTATUS_SD | MSTATUS_XL : status | MSTATUS_XL;
}

/** Writes a register that `readCsr(number, true)` has allowed. */
export function writeCsr(number: u32, value: u64): void {
  switch (number) {
    case 0x001: writeFloatStatus((load<u64>(FCSR) & ~31) | (value & 31)); break;
    case 0x002: writeFloatStatus((load<u64>(FCSR) & 31) | (value & 7) << 5); break;
    case 0x003: writeFloatStatus(value & 255); break;
    case 0x100: writeStatus((load<u64>(MSTATUS) & ~SSTATUS) | (value & SSTATUS)); break;
    case 0x104: merge(MIE, value, delegated()); break;
    case 0x105: store<u64>(STVEC, value & ~2); break;
    case 0x106: store<u64>(SCOUNTEREN, value & 7); break;
    case 0x10a: store<u64>(SENVCFG, value & 1); break;
    case 0x140: store<u64>(SSCRATCH, value); break;
    case 0x141: store<u64>(SEPC, value & ~1); break;
    case 0x142: store<u64>(SCAUSE, value); break;
    case 0x143: store<u64>(STVAL, value); break;
    case 0x144: merge(MIP, value, delegated() & 2); break;
    case 0x180: writeTranslation(value); break;
    case 0x300: writeStatus((load<u64>(MSTATUS) & ~MSTATUS_WRITABLE) | (value & MSTATUS_WRITABLE)); break;
    case 0x302: store<u64>(MEDELEG, value & DELEGABLE); break;
    case 0x303: store<u64>(MIDELEG, value & SUPERVISOR_INTERRUPTS); break;
    case 0x304: store<u64>(MIE, value & ALL_INTERRUPTS); break;
    case 0x305: store<u64>(MTVEC, value & ~2); break;
    case 0x306: store<u64>(MCOUNTEREN, value & 7); break;
    case 0x30a: store<u64>(MENVCFG, value & 1); break;
    case 0x340: store<u64>(MSCRATCH, value); break;
    case 0x341: store<u64>(MEPC, value & ~1); break;
    case 0x342: store<u64>(MCAUSE, value); break;
    case 0x343: store<u64>(MTVAL, value); break;
    case 0x344: merge(MIP, value, SUPERVISOR_INTERRUPTS); break;
    // The counters count the writing instruction too, so that a read right after gives what was written.
    case 0xb00: store<u64>(CYCLE_OFFSET, value - load<u64>(RETIRED) - 1); break;
    case 0xb02: store<u64>(INSTRET_OFFSET, value - load<u64>(RETIRED) - 1); break;
    default: break;
  }
}

@inline
function merge(at: usize, value: u64, mask: u64): void {
  store<u64>(at, (load<u64>(at) & ~mask) | (value & mask));
}

function writeFloatStatus(value: u64): void {
  store<u64>(FCSR, value);
  markFloatDirty();
}

function writeStatus(value: u64): void {
  // MPP = 2 is not a privilege: the field keeps what it had.
  const status = (value & MSTATUS_MPP) == 0x1000 ? (value & ~MSTATUS_MPP) | (load<u64>(MSTATUS) & MSTATUS_MPP) : value;
  if (((status ^ load<u64>(MSTATUS)) & MSTATUS_MXR) != 0) flushTlb();
  store<u64>(MSTATUS, status);
}

/** Bare and Sv39 are known, ASIDs are not: a write of another mode has no effect at all. */
function writeTranslation(value: u64): void {
  const mode = value >> 60;
  if (mode != 0 && mode != 8) return;
  store<u64>(SATP, value & 0xf0000fff_ffffffff);
  flushTlb();
}
