/**
 * Supervisor Binary Interface 2.0, served inside the emulator: Base, TIME, Debug Console, System Reset. Everything else
 * answers SBI_ERR_NOT_SUPPORTED.
 */
import { charge, CONSOLE_ACCESS } from "./charge";
import {
  CONSOLE, CONSOLE_COUNT, CONSOLE_INPUT, CONSOLE_INPUT_COUNT, CONSOLE_INPUT_READ, CONSOLE_INPUT_SIZE, CONSOLE_SIZE, TIME_COMPARE,
} from "./layout";
import { readX, writeX } from "./registers";
import { STOP_REBOOT, STOP_SHUTDOWN, stop } from "./stop";
import { forgetRecords, hostOf, hostToWrite } from "./translate";

const BASE: u64 = 0x10;
const TIME: u64 = 0x54494d45;
const DEBUG_CONSOLE: u64 = 0x4442434e;
const SYSTEM_RESET: u64 = 0x53525354;

const SUCCESS: i64 = 0;
const NOT_SUPPORTED: i64 = -2;
const INVALID_PARAM: i64 = -3;

/** Bytes one console write takes at most; the interface allows a partial write, and work per event stays bounded. */
const CONSOLE_CHUNK: u64 = 256;
/** The same for a console read. */
const CONSOLE_INPUT_CHUNK: u32 = 64;

@inline
function answer(error: i64, value: u64): void {
  writeX(10, <u64>error);
  writeX(11, value);
}

/** Serves the call whose extension is in a7 and function in a6; the answer goes to a0 and a1. */
export function callFirmware(): void {
  const extension = readX(17);
  const fid = readX(16);
  const a0 = readX(10);
  if (extension == BASE) answerBase(fid, a0);
  else if (extension == TIME && fid == 0) {
    store<u64>(TIME_COMPARE, a0);
    answer(SUCCESS, 0);
  } else if (extension == DEBUG_CONSOLE) answerConsole(fid, a0);
  else if (extension == SYSTEM_RESET && fid == 0 && <u32>a0 > 2) answer(INVALID_PARAM, 0);
  else if (extension == SYSTEM_RESET && fid == 0) {
    stop(<u32>a0 == 0 ? STOP_SHUTDOWN : STOP_REBOOT, readX(11));
    answer(SUCCESS, 0);
  } else answer(NOT_SUPPORTED, 0);
}

function answerBase(fid: u64, a0: u64): void {
  if (fid == 0) answer(SUCCESS, 0x02000000);
  else if (fid == 1) answer(SUCCESS, 0x4153);
  else if (fid == 2) answer(SUCCESS, 1);
  else if (fid == 3) answer(SUCCESS, <u64>(a0 == BASE || a0 == TIME || a0 == DEBUG_CONSOLE || a0 == SYSTEM_RESET));
  else if (fid <= 6) answer(SUCCESS, 0);
  else answer(NOT_SUPPORTED, 0);
}

function answerConsole(fid: u64, a0: u64): void {
  if (fid == 0) {
    const count = min(a0, CONSOLE_CHUNK);
    // Physical address in a1 (low) and a2 (high).
    const from = readX(12) == 0 ? hostOf(readX(11), count) : 0;
    if (from == 0 && count != 0) answer(INVALID_PARAM, 0);
    else {
      charge(CONSOLE_ACCESS);
      writeConsole(from, <usize>count);
      answer(SUCCESS, count);
    }
  } else if (fid == 1) readConsole(a0);
  else if (fid == 2) {
    writeConsoleByte(<u8>a0);
    answer(SUCCESS, 0);
  } else answer(NOT_SUPPORTED, 0);
}

/** Gives at most `wanted` bytes of console input to the memory that a1 and a2 name. */
function readConsole(wanted: u64): void {
  const read = load<u32>(CONSOLE_INPUT_READ);
  const end = load<u32>(CONSOLE_INPUT_COUNT);
  const left = read < end && end <= CONSOLE_INPUT_SIZE ? min(end - read, CONSOLE_INPUT_CHUNK) : 0;
  const count = min(wanted, <u64>left);
  if (count == 0) {
    answer(SUCCESS, 0);
    return;
  }
  const to = readX(12) == 0 ? hostToWrite(readX(11), count) : 0;
  if (to == 0) {
    answer(INVALID_PARAM, 0);
    return;
  }
  charge(CONSOLE_ACCESS);
  memory.copy(to, CONSOLE_INPUT + read, <usize>count);
  forgetRecords(to, <usize>count);
  store<u32>(CONSOLE_INPUT_READ, read + <u32>count);
  answer(SUCCESS, count);
}

function writeConsole(from: usize, count: usize): void {
  const written = load<u64>(CONSOLE_COUNT);
  const at = <usize>written & (CONSOLE_SIZE - 1);
  const head = min(count, CONSOLE_SIZE - at);
  memory.copy(CONSOLE + at, from, head);
  memory.copy(CONSOLE, from + head, count - head);
  store<u64>(CONSOLE_COUNT, written + count);
}

export function writeConsoleByte(byte: u8): void {
  const count = load<u64>(CONSOLE_COUNT);
  store<u8>(CONSOLE + (<usize>count & (CONSOLE_SIZE - 1)), byte);
  store<u64>(CONSOLE_COUNT, count + 1);
}

