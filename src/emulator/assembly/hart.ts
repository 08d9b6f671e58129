/**
 * One tick of the hart: a fixed number of events. An event is an instruction that retires, a trap that is entered, or a
 * `wfi` (which retires). Interrupts are sampled before each event; between two samples that could differ lies at most a
 * slice, which ends at the tick's end or when the timer becomes pending, whichever comes first.
 */
import { charge, SYSTEM, takeCharge, TRAP } from "./charge";
import { clearCsr } from "./csr";
import { clearExecute, Exit, execute, retired, systemInstruction, systemLength } from "./execute";
import { forgetLines } from "./fetch";
import { EVENTS_PER_TICK, FIRMWARE, GENERATION, GUEST_SIZE, NOTED_LINES_END, PAGE_LINE, RETIRED, SCRATCH, SCRATCH_SIZE, STOP, TIME_COMPARE, TIME_DIVIDER, TIME_OFFSET, TLB_READ, TOHOST, WRITE_GENERATION } from "./layout";
import { writeConsoleByte } from "./sbi";
import { STOP_TOHOST, stop } from "./stop";
import { executeSystem } from "./system";
import { FIRST_GENERATION, hostToWrite } from "./translate";
import { deliverFault, takeInterrupt, time } from "./trap";

/** Runs EVENTS_PER_TICK events, fewer when the guest stops. */
export function runEvents(): void {
  store<u64>(GENERATION, FIRST_GENERATION);
  store<u64>(WRITE_GENERATION, FIRST_GENERATION);
  let left = load<u32>(EVENTS_PER_TICK);
  while (left != 0 && load<u32>(STOP) == 0) left -= min(left, runSlice(left));
  lookAtToHost();
  clearCaches();
}

/** Executes until something other than the inner loop's instructions happens, and that. Returns the weight of its events. */
function runSlice(left: u32): u32 {
  if (takeInterrupt()) return 1 + TRAP;
  const exit = execute(slice(left));
  let events = retired;
  store<u64>(RETIRED, load<u64>(RETIRED) + events);
  if (exit != Exit.BUDGET) {
    events++;
    if (exit == Exit.SYSTEM) charge(SYSTEM);
    if (exit == Exit.SYSTEM && executeSystem(systemInstruction, systemLength)) {
      store<u64>(RETIRED, load<u64>(RETIRED) + 1);
    } else {
      deliverFault();
      charge(TRAP);
    }
  }
  return events + takeCharge();
}

/** Events that can pass before the timer becomes pending; `left` where it is already or that is further off. */
function slice(left: u32): u32 {
  if (load<u32>(FIRMWARE) == 0) return left;
  const now = time();
  const deadline = load<u64>(TIME_COMPARE);
  if (now >= deadline) return left;
  const units = deadline - load<u64>(TIME_OFFSET);
  const divider = <u64>load<u32>(TIME_DIVIDER);
  if (deadline < load<u64>(TIME_OFFSET) || units > (<u64>1 << 62) / divider) return left;
  return <u32>min(<u64>left, units * divider - load<u64>(RETIRED));
}

/**
 * What a test program has left in `tohost` (host-target interface of riscv-tests): in bits 56..63 a device. Of device 0 an
 * odd value ends the run; device 1, command 1 prints a byte, and the field is cleared to say so.
 */
function lookAtToHost(): void {
  const address = load<u64>(TOHOST);
  if (address == 0 || load<u32>(STOP) != 0) return;
  const host = hostToWrite(address, 8);
  if (host == 0) return;
  const value = load<u64>(host);
  if (value >> 56 == 0 && (value & 1) != 0) stop(STOP_TOHOST, value);
  else if (value >> 48 == 0x0101) {
    writeConsoleByte(<u8>value);
    store<u64>(host, 0);
  }
}

/** Leaves nothing but architecture: every cache and every scratch field becomes zero. */
function clearCaches(): void {
  forgetLines();
  // TLBs, the record that is not kept, and the lists of entries.
  memory.fill(TLB_READ, 0, NOTED_LINES_END - TLB_READ);
  memory.fill(PAGE_LINE, 0, (<usize>load<u32>(GUEST_SIZE) >> 12) << 1);
  memory.fill(SCRATCH, 0, SCRATCH_SIZE);
  clearExecute();
  clearCsr();
}
