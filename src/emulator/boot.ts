/** The emulator's memory before its first tick: parameters and registers (README.md, "State"). */
import { AssayError } from "../core/errors.ts";
import { address, guestBase, privilege } from "./addresses.ts";

/** What a run starts with. Registers that are not named are zero. */
export interface Start {
  /** Bytes of guest-physical memory from `guestBase` on: whole pages. */
  readonly guestSize: number;
  readonly eventsPerTick: number;
  /** Retired instructions per unit of `time`. */
  readonly timeDivider: number;
  /** Whether environment calls from S mode are served by the emulator. */
  readonly firmware: boolean;
  readonly pc: bigint;
  /** 0 U, 1 S, 3 M. */
  readonly privilege: number;
  /** Values of x1..x31 by number. */
  readonly x?: Readonly<Record<number, bigint>>;
  readonly mstatus?: bigint;
  readonly mcounteren?: number;
  readonly scounteren?: number;
  /** Other registers of the state that do not begin as zero (`timeCompare`: as all ones). 64-bit ones only. */
  readonly csrs?: Readonly<Partial<Record<SettableRegister, bigint>>>;
  /** Guest-physical address that a test program reports to. */
  readonly tohost?: bigint;
  /** Linear addresses of the drives, and their sizes in bytes. */
  readonly inputDrive?: number;
  readonly inputSize?: number;
  readonly outputDrive?: number;
  readonly outputSize?: number;
  /**
   * The guest memory that the guest may write: linear addresses of its first byte and of the byte behind its last, whole pages.
   * Everything, if it is left out.
   */
  readonly writable?: { readonly from: number; readonly end: number };
}

export type SettableRegister = "mie" | "medeleg" | "mideleg" | "mtvec" | "stvec" | "satp" | "timeCompare" | "fcsr";

/** The longest tick there is, in units of weight (README.md, "Ticks and events"). */
export const maxEventsPerTick = 2 ** 20;

/**
 * Logarithm of the machine steps that no tick exceeds whatever the guest does: 2^10 for each unit of weight, and at least what
 * a tick takes that hashes a part of the artifact. README.md argues it.
 */
export function maxLog2StepsPerTick(eventsPerTick: number): number {
  return Math.max(25, Math.ceil(Math.log2(eventsPerTick)) + 10);
}

/** Bytes of guest memory at most: what 32-bit addresses leave beside the emulator's own. */
export const maxGuestSize = 2 ** 32 - address.guest;

/** Where the page with parameters and registers begins. */
export const startPage = 0x1000;
const startPageBytes = 0x1000;
/** Bytes of a page of the guest. */
const guestPageBytes = 4096;

/**
 * Writes parameters and registers into a linear memory of zeros.
 * @throws AssayError `emulator/bad-parameter`, `emulator/does-not-fit`
 */
export function writeStart(memory: Uint8Array, start: Start): void {
  memory.set(encodeStart(start, memory.length), startPage);
}

/**
 * The page of linear memory at `startPage`.
 * @param memoryBytes size of the linear memory.
 * @throws AssayError `emulator/bad-parameter`, `emulator/does-not-fit`
 */
export function encodeStart(start: Start, memoryBytes: number): Uint8Array {
  check(start, memoryBytes);
  const page = new Uint8Array(startPageBytes);
  const view = new DataView(page.buffer);
  const u32 = (at: number, value: number) => view.setUint32(at - startPage, value, true);
  const u64 = (at: number, value: bigint) => view.setBigUint64(at - startPage, BigInt.asUintN(64, value), true);
  u32(address.guestSize, start.guestSize);
  u32(address.eventsPerTick, start.eventsPerTick);
  u32(address.timeDivider, start.timeDivider);
  u32(address.firmware, start.firmware ? 1 : 0);
  u64(address.tohost, start.tohost ?? 0n);
  u32(address.inputDrive, start.inputDrive ?? 0);
  u32(address.inputSize, start.inputSize ?? 0);
  u32(address.outputDrive, start.outputDrive ?? 0);
  u32(address.outputSize, start.outputSize ?? 0);
  u32(address.writableFrom, start.writable?.from ?? 0);
  u32(address.writableEnd, (start.writable?.end ?? 0) % 2 ** 32);
  u64(address.pc, start.pc);
  u32(address.privilege, start.privilege);
  u64(address.timeCompare, -1n);
  u64(address.mstatus, start.mstatus ?? 0n);
  u64(address.mcounteren, BigInt(start.mcounteren ?? 0));
  u64(address.scounteren, BigInt(start.scounteren ?? 0));
  for (const [name, value] of Object.entries(start.csrs ?? {})) u64(address[name as SettableRegister], value);
  for (const [number, value] of Object.entries(start.x ?? {})) u64(address.x + 8 * Number(number), value);
  return page;
}

function check(start: Start, memoryBytes: number): void {
  const { guestSize, eventsPerTick, timeDivider } = start;
  const wrong = (name: string, rule: string, given: number): never => {
    throw new AssayError("emulator/bad-parameter", `${name} must be ${rule}, got ${given}`, { name, given });
  };
  const within = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (!within(guestSize, guestPageBytes, maxGuestSize) || guestSize % guestPageBytes !== 0) {
    wrong("guestSize", `whole pages of 4096 bytes, ${maxGuestSize} bytes at most`, guestSize);
  }
  if (address.guest + guestSize > memoryBytes) {
    throw new AssayError(
      "emulator/does-not-fit",
      `${guestSize} bytes of guest memory do not fit into the program's ${memoryBytes} bytes of linear memory`,
      { guestSize, memory: memoryBytes },
    );
  }
  if (!within(eventsPerTick, 1, maxEventsPerTick)) wrong("eventsPerTick", "from 1 to 2^20", eventsPerTick);
  if (!within(timeDivider, 1, 2 ** 32 - 1)) wrong("timeDivider", "from 1 to 2^32 - 1", timeDivider);
  if (!(Object.values(privilege) as number[]).includes(start.privilege)) {
    wrong("privilege", "0, 1 or 3", start.privilege);
  }
  if (start.outputDrive !== undefined && !within(start.outputSize ?? 0, 64, memoryBytes - start.outputDrive)) {
    wrong("outputSize", "at least 64 bytes and inside of memory", start.outputSize ?? 0);
  }
  if (start.writable !== undefined) {
    const { from, end } = start.writable;
    const memoryEnd = address.guest + guestSize;
    const isPage = (value: number, least: number) => within(value, least, memoryEnd) && value % guestPageBytes === 0;
    if (!isPage(from, address.guest)) wrong("writable.from", "the address of a page of guest memory", from);
    if (!isPage(end, from + guestPageBytes))
      wrong("writable.end", "the end of a page of guest memory behind from", end);
  }
}

/** Index in linear memory of a guest-physical address; `undefined` where `size` bytes from there on are not memory. */
export function linearAddress(physical: bigint, size: number, guestSize: number): number | undefined {
  const offset = physical - BigInt(guestBase);
  if (offset < 0n || offset + BigInt(size) > BigInt(guestSize)) return undefined;
  return address.guest + Number(offset);
}
