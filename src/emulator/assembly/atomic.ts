/**
 * The A extension. The reservation is one physical address and size; SC succeeds iff it matches both, and any SC or trap
 * clears it; ordinary stores do not. Misaligned addresses raise address-misaligned exceptions.
 */
import { LOAD_MISALIGNED, STORE_MISALIGNED } from "./fault";
import { GUEST, RESERVATION, RESERVATION_SIZE, X_SINK } from "./layout";
import { storeAtomic, translateAtomic } from "./memoryAccess";
import { readX, writeX } from "./registers";
import { READ, WRITE } from "./translate";

export const ATOMIC_DONE: i32 = 1;
const ATOMIC_FAULT: i32 = 0;

@inline
function fit(value: u64, size: u32): u64 {
  return size == 8 ? value : <u64><i64><i32>value;
}

function loadAt(host: usize, size: u32): u64 {
  return size == 8 ? load<u64>(host) : <u64><i64>load<i32>(host);
}

/** Executes one instruction; anything but ATOMIC_DONE: a fault is raised, or none and the encoding is illegal. */
export function executeAtomic(raw: u32): i32 {
  const size: u32 = ((raw >> 12) & 7) == 3 ? 8 : 4;
  const number = (raw >> 7) & 31;
  const rd = number == 0 ? X_SINK : number;
  const address = readX((raw >> 15) & 31);
  const operation = raw >> 27;
  const operand = (raw >> 20) & 31;
  if (operation == 2) return operand == 0 ? loadReserved(rd, address, size) : ATOMIC_FAULT;
  if (operation == 3) return storeConditional(rd, address, readX(operand), size);
  if (operation > 4 && (operation & 3) != 0) return ATOMIC_FAULT;

  const host = translateAtomic(address, size, WRITE, STORE_MISALIGNED);
  if (host == 0) return ATOMIC_FAULT;
  const old = loadAt(host, size);
  storeAtomic(host, combine(operation, old, fit(readX(operand), size)), size);
  writeX(rd, old);
  return ATOMIC_DONE;
}

function loadReserved(rd: u32, address: u64, size: u32): i32 {
  const host = translateAtomic(address, size, READ, LOAD_MISALIGNED);
  if (host == 0) return ATOMIC_FAULT;
  store<u64>(RESERVATION, <u64>(host - GUEST));
  store<u32>(RESERVATION_SIZE, size);
  writeX(rd, loadAt(host, size));
  return ATOMIC_DONE;
}

function storeConditional(rd: u32, address: u64, value: u64, size: u32): i32 {
  const host = translateAtomic(address, size, WRITE, STORE_MISALIGNED);
  if (host == 0) return ATOMIC_FAULT;
  const held = load<u32>(RESERVATION_SIZE) == size && load<u64>(RESERVATION) == <u64>(host - GUEST);
  clearReservation();
  if (held) storeAtomic(host, value, size);
  writeX(rd, held ? 0 : 1);
  return ATOMIC_DONE;
}

export function clearReservation(): void {
  store<u64>(RESERVATION, 0);
  store<u32>(RESERVATION_SIZE, 0);
}

/** What an AMO stores. Words come sign-extended; unsigned comparison of two such words is that of their low halves. */
function combine(operation: u32, old: u64, value: u64): u64 {
  switch (operation) {
    case 0: return old + value;
    case 1: return value;
    case 4: return old ^ value;
    case 8: return old | value;
    case 12: return old & value;
    case 16: return <i64>old < <i64>value ? old : value;
    case 20: return <i64>old > <i64>value ? old : value;
    case 24: return old < value ? old : value;
    default: return old > value ? old : value;
  }
}
