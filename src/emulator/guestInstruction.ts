/** Which instruction of the guest is at hand in a state of the emulator, between ticks or inside one, for people. */
import { address, guestBase, privilege } from "./addresses.ts";
import { disassembleGuest } from "./riscv/disassemble.ts";

export interface GuestInstruction {
  /** As the guest sees it: virtual where it translates addresses. */
  readonly address: bigint;
  readonly mode: GuestMode;
  readonly text: string;
}

export type GuestMode = "user" | "supervisor" | "machine";

/** Where the inner loop (`assembly/run.ts`) is: as it has them in its own variables, or as it has left them. */
export interface LoopPlace {
  /** Record of the instruction at hand, and the line that it is in: addresses in linear memory. */
  readonly at: number;
  readonly line: number;
  /** Address of the page, as the guest sees it. */
  readonly page: bigint;
}

/** What is read of the emulator's memory. */
export interface EmulatorState {
  /** The bytes from 0 to `stateBytes`. */
  readonly head: Uint8Array;
  /** Any other bytes of linear memory; undefined where there are none. */
  readonly read: (address: number, length: number) => Promise<Uint8Array | undefined>;
  /** Where the inner loop is, if the state is inside of it. */
  readonly place?: LoopPlace | undefined;
}

/** How much of linear memory holds the hart's state and what the emulator remembers within a tick. */
export const stateBytes = 0x2000;

const modes = new Map<bigint, GuestMode>([
  [BigInt(privilege.user), "user"],
  [BigInt(privilege.supervisor), "supervisor"],
  [BigInt(privilege.machine), "machine"],
]);

/** @returns undefined once the guest has stopped. */
export async function guestInstructionIn(state: EmulatorState): Promise<GuestInstruction | undefined> {
  const { head, place } = state;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(address.stop, true) !== 0) return undefined;
  const mode = modes.get(view.getBigUint64(address.privilege, true));
  if (mode === undefined) return undefined;
  const pc = pcOf(place ?? leftPlace(view)) ?? view.getBigUint64(address.pc, true);
  const bits = await bitsAt(state, view, mode, pc);
  const text = bits === undefined ? "nothing that can be fetched" : disassembleGuest(bits, pc).text;
  return { address: pc, mode, text };
}

function leftPlace(view: DataView): LoopPlace {
  const [at, line] = [view.getUint32(address.at, true), view.getUint32(address.line, true)];
  return { at, line, page: view.getBigUint64(address.page, true) };
}

/** Undefined where the loop is at no record: the program counter says where the guest is. */
function pcOf({ at, line, page }: LoopPlace): bigint | undefined {
  if (at === 0 || at === address.elsewhere) return undefined;
  return BigInt.asUintN(64, page + BigInt((at - line) >> 2));
}

/** The 32 bits at an address; of an instruction of 16 bits at the end of a page the upper ones are zero. */
async function bitsAt(state: EmulatorState, view: DataView, mode: GuestMode, pc: bigint): Promise<number | undefined> {
  const low = await halfAt(state, view, mode, pc);
  if (low === undefined || (low & 3) !== 3) return low;
  const high = await halfAt(state, view, mode, pc + 2n);
  return high === undefined ? undefined : (low | (high << 16)) >>> 0;
}

async function halfAt(state: EmulatorState, view: DataView, mode: GuestMode, at: bigint): Promise<number | undefined> {
  const physical = await physicalOf(state, view, mode, at);
  const bytes = physical === undefined ? undefined : await readPhysical(state, physical, 2);
  return bytes === undefined ? undefined : bytes[0]! | (bytes[1]! << 8);
}

async function readPhysical({ read }: EmulatorState, at: bigint, length: number): Promise<Uint8Array | undefined> {
  const linear = at - BigInt(guestBase) + BigInt(address.guest);
  return linear < BigInt(address.guest) || linear > 0xffff_ffffn ? undefined : await read(Number(linear), length);
}

/** Sv39 (privileged ISA, section 12.3.2), without rights: who executes has had them. */
async function physicalOf(
  state: EmulatorState,
  view: DataView,
  mode: GuestMode,
  at: bigint,
): Promise<bigint | undefined> {
  const satp = view.getBigUint64(address.satp, true);
  if (mode === "machine" || satp >> 60n === 0n) return at;
  let table = (satp & 0xfff_ffff_ffffn) << 12n;
  for (let shift = 30n; shift >= 12n; shift -= 9n) {
    const bytes = await readPhysical(state, table + ((at >> shift) & 0x1ffn) * 8n, 8);
    if (bytes === undefined) return undefined;
    const entry = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
    if ((entry & 1n) === 0n) return undefined;
    const base = ((entry >> 10n) & 0xfff_ffff_ffffn) << 12n;
    if ((entry & 0xan) !== 0n) return base | (at & ((1n << shift) - 1n));
    table = base;
  }
  return undefined;
}
