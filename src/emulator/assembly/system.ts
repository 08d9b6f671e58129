/** SYSTEM instructions and `fence.i`: environment calls, trap returns, `wfi`, `sfence.vma`, CSR access. */
import { csrRefused, readCsr, writeCsr } from "./csr";
import { BREAKPOINT, ECALL_FROM_USER, ILLEGAL_INSTRUCTION, raise } from "./fault";
import { fetchBits } from "./fetch";
import { FIRMWARE, MIE, MSTATUS, PC, RETIRED, TIME_COMPARE, TIME_DIVIDER, TIME_OFFSET, X_SINK } from "./layout";
import { MACHINE, MSTATUS_TSR, MSTATUS_TVM, MSTATUS_TW, privilege, readX, SUPERVISOR, USER, writeX } from "./registers";
import { callFirmware } from "./sbi";
import { STOP_WAITS_FOREVER, stop } from "./stop";
import { flushPage, flushTlb } from "./translate";
import { pending, returnFromMachine, returnFromSupervisor, STIP } from "./trap";

/**
 * Executes `raw` at PC, `length` bytes long. Returns whether it retires (PC is moved); if not, a fault is raised. RETIRED
 * must be exact when it is called, not counting this instruction.
 */
export function executeSystem(raw: u32, length: u32): bool {
  const pc = load<u64>(PC);
  const next = pc + <u64>length;
  const funct3 = (raw >> 12) & 7;
  if ((raw & 0x7f) == 0x0f) {
    // fence.i: fetches always see memory, so there is nothing to do.
    store<u64>(PC, next);
    return true;
  }
  if (funct3 == 4) return illegal(pc);
  if (funct3 != 0) return accessCsr(raw, funct3, next);
  switch (raw) {
    case 0x00000073: return environmentCall(next);
    case 0x00100073:
      raise(BREAKPOINT, pc);
      return false;
    case 0x10200073:
      if (privilege() == USER || (privilege() == SUPERVISOR && statusHas(MSTATUS_TSR))) return illegal(pc);
      returnFromSupervisor();
      return true;
    case 0x30200073:
      if (privilege() != MACHINE) return illegal(pc);
      returnFromMachine();
      return true;
    case 0x10500073:
      if (privilege() == USER || (privilege() == SUPERVISOR && statusHas(MSTATUS_TW))) return illegal(pc);
      waitForInterrupt();
      store<u64>(PC, next);
      return true;
    default:
      if (raw >> 25 == 9 && (raw & 0xf80) == 0) {
        if (privilege() == USER || (privilege() == SUPERVISOR && statusHas(MSTATUS_TVM))) return illegal(pc);
        const source = (raw >> 15) & 31;
        if (source == 0) flushTlb();
        else flushPage(readX(source));
        store<u64>(PC, next);
        return true;
      }
      return illegal(pc);
  }
}

@inline
function statusHas(bit: u64): bool {
  return (load<u64>(MSTATUS) & bit) != 0;
}

function illegal(pc: u64): bool {
  raise(ILLEGAL_INSTRUCTION, <u64>fetchBits(pc));
  return false;
}

function environmentCall(next: u64): bool {
  if (load<u32>(FIRMWARE) != 0 && privilege() == SUPERVISOR) {
    callFirmware();
    store<u64>(PC, next);
    return true;
  }
  raise(ECALL_FROM_USER + privilege(), 0);
  return false;
}

/**
 * `wfi`: time jumps to the next deadline that would wake the hart. Without one a guest with built-in firmware can never
 * wake again, which stops it; in machine mode software `wfi` is a no-operation.
 */
function waitForInterrupt(): void {
  if ((pending() & load<u64>(MIE)) != 0 || load<u32>(FIRMWARE) == 0) return;
  const deadline = load<u64>(TIME_COMPARE);
  if ((load<u64>(MIE) & STIP) == 0 || deadline == ~0) {
    stop(STOP_WAITS_FOREVER, 0);
    return;
  }
  store<u64>(TIME_OFFSET, deadline - load<u64>(RETIRED) / <u64>load<u32>(TIME_DIVIDER));
}

function accessCsr(raw: u32, funct3: u32, next: u64): bool {
  const pc = load<u64>(PC);
  const number = raw >> 20;
  const source = (raw >> 15) & 31;
  const destination = (raw >> 7) & 31;
  const kind = funct3 & 3;
  const writes = kind == 1 || source != 0;
  const operand = funct3 >= 4 ? <u64>source : readX(source);
  const old = readCsr(number, writes);
  if (csrRefused) return illegal(pc);
  if (writes) writeCsr(number, kind == 1 ? operand : kind == 2 ? old | operand : old & ~operand);
  writeX(destination == 0 ? X_SINK : destination, old);
  store<u64>(PC, next);
  return true;
}
