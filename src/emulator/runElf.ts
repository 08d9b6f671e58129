/** Runs a bare-metal program (such as those of riscv-tests) in M mode, without firmware, until it reports to `tohost`. */
import { AssayError } from "../core/errors.ts";
import { address, guestBase, privilege, stopReason } from "./addresses.ts";
import { linearAddress, writeStart } from "./boot.ts";
import { readConsole } from "./console.ts";
import { type Elf, readElf } from "./elf.ts";

export interface ElfRun {
  /** `tohost >> 1`: 0 is success; riscv-tests put the failing case's number here. */
  readonly exitCode: bigint;
  readonly ticks: number;
  /** Instructions retired. */
  readonly retired: bigint;
  /** What the program printed, the last 1 MiB of it. */
  readonly console: Uint8Array;
}

export interface ElfOptions {
  /** Limit in ticks. */
  readonly maxTicks?: number;
  readonly eventsPerTick?: number;
  /** Bytes of guest memory. */
  readonly guestSize?: number;
}

/** A quarter of a billion events: minutes at the slowest, while a test of riscv-tests takes milliseconds. */
export const defaultMaxTicks = 2 ** 16;
/** `tohost` is looked at between ticks, so that short ones make the console of test programs fast. */
const defaultEventsPerTick = 2 ** 12;

/**
 * Loads an ELF executable by physical addresses and runs it with the emulator's module.
 * @throws AssayError of `readElf`; `emulator/does-not-fit`, `emulator/no-tohost`, `emulator/no-end`, `emulator/stopped`
 */
export function runElf(emulator: WebAssembly.Module, file: Uint8Array, options: ElfOptions = {}): ElfRun {
  const { maxTicks = defaultMaxTicks, eventsPerTick = defaultEventsPerTick, guestSize = 32 << 20 } = options;
  const elf = readElf(file, ["tohost"]);
  const tohost = elf.symbols.get("tohost");
  if (tohost === undefined || linearAddress(tohost, 8, guestSize) === undefined) {
    throw new AssayError(
      "emulator/no-tohost",
      `the program must define a symbol "tohost" for 8 bytes in guest memory, where it reports its end`,
      { tohost },
    );
  }
  const { exports } = new WebAssembly.Instance(emulator);
  const { memory, tick } = exports as unknown as { memory: WebAssembly.Memory; tick: () => number };
  const bytes = new Uint8Array(memory.buffer);
  load(elf, bytes, guestSize);
  const fixed = { eventsPerTick, timeDivider: 100, firmware: false, privilege: privilege.machine };
  writeStart(bytes, { ...fixed, guestSize, tohost, pc: elf.entry });

  const view = new DataView(memory.buffer);
  let ticks = 1;
  while (tick() === 0) {
    if (ticks++ === maxTicks) {
      const pc = view.getBigUint64(address.pc, true);
      throw new AssayError(
        "emulator/no-end",
        `no end after ${maxTicks} ticks, pc ${hex(pc)} (--max-ticks allows more)`,
        { maxTicks, pc },
      );
    }
  }
  const reason = view.getUint32(address.stop, true);
  if (reason !== stopReason.tohost)
    throw new AssayError("emulator/stopped", `stopped for reason ${reason}`, { reason });
  return {
    exitCode: view.getBigUint64(address.stopValue, true) >> 1n,
    ticks,
    retired: view.getBigUint64(address.retired, true),
    console: readConsole(bytes),
  };
}

function load({ segments }: Elf, memory: Uint8Array, guestSize: number): void {
  for (const { address: physical, bytes, size } of segments) {
    const at = size > BigInt(guestSize) ? undefined : linearAddress(physical, Number(size), guestSize);
    if (at === undefined) {
      throw new AssayError(
        "emulator/does-not-fit",
        `a segment of ${size} bytes at ${hex(physical)} does not fit into guest memory, ${guestSize} bytes at ${hex(BigInt(guestBase))}`,
        { address: physical, size, guestSize },
      );
    }
    memory.set(bytes, at);
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
