import { readFileSync } from "node:fs";
import { type Start, writeStart } from "../../../src/emulator/boot.ts";
import { loadClaimable } from "../../../src/machine/claimable.ts";
import { run } from "../../../src/machine/interpreter.ts";
import { type ClaimableProgram, emptyState, startRegisters } from "../../../src/machine/program.ts";
import { Register, Status } from "../../../src/machine/registers.ts";
import type { MachineState } from "../../../src/machine/state.ts";
import { resume } from "../../../src/machine/step/ending.ts";
import { decodeModule } from "../../../src/wasm/decodeModule.ts";
import { setMemoryPages } from "../../../src/wasm/setMemoryPages.ts";

/** Guest memory of these machines: 1 MiB after the emulator's own 32. */
export const guestSize = 1 << 20;
const guest = 32 << 20;

interface Loaded {
  readonly program: ClaimableProgram;
  readonly module: WebAssembly.Module;
  /** For the interpreter: one serves all calls. */
  arrays?: ReturnType<typeof emptyState>;
}

const loaded = new Map<number, Loaded>();

/** The emulator with so many bytes of linear memory. */
function load(memoryBytes: number): Loaded {
  const known = loaded.get(memoryBytes);
  if (known !== undefined) return known;
  const binary = new Uint8Array(readFileSync(new URL("../../../build/wasm/emulator.wasm", import.meta.url)));
  const small = setMemoryPages(decodeModule(binary), memoryBytes >> 16);
  const module = new WebAssembly.Module(small as Uint8Array<ArrayBuffer>);
  const made = { program: loadClaimable(small), module };
  loaded.set(memoryBytes, made);
  return made;
}

export interface SmallMachine {
  readonly memory: Uint8Array;
  readonly view: DataView;
  readonly tick: () => number;
}

/** A native machine with a guest in its memory, of which there are `size` bytes. */
export function bootSmall(bytes: Uint8Array, start: Omit<Start, "guestSize">, size = guestSize): SmallMachine {
  const exports = new WebAssembly.Instance(load(guest + size).module).exports as {
    memory: WebAssembly.Memory;
    tick(): number;
  };
  const memory = new Uint8Array(exports.memory.buffer);
  memory.set(bytes, guest);
  writeStart(memory, { ...start, guestSize: size });
  return { memory, view: new DataView(memory.buffer), tick: exports.tick };
}

/**
 * Interprets a tick from the memory as it is now, then runs it natively.
 * @returns the number of steps, and the first byte where the two memories differ (-1: none)
 */
export function tickBothWays(machine: SmallMachine): { steps: number; difference: number } {
  const known = load(machine.memory.length);
  const { program } = known;
  known.arrays ??= emptyState(program);
  const { arrays } = known;
  arrays.memory.set(machine.memory);
  arrays.stack.fill(0);
  arrays.registers.set(startRegisters(program));
  resume(arrays.registers);
  const steps = run(arrays, 2 ** 32);
  const ended = machine.tick() === 0 ? Status.yielded : Status.halted;
  if (arrays.registers[Register.status] !== ended) return { steps, difference: 0 };
  return { steps, difference: firstDifference(arrays.memory, machine.memory) };
}

/** The state of an interpreted tick before each of its steps; the memory of the machine stays as it is. */
export function* stepsOfTick(machine: SmallMachine): Generator<{ program: ClaimableProgram; state: MachineState }> {
  const { program } = load(machine.memory.length);
  const state = emptyState(program);
  state.memory.set(machine.memory);
  state.registers.set(startRegisters(program));
  resume(state.registers);
  do yield { program, state };
  while (run(state, 1) === 1 && state.registers[Register.status] === Status.running);
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1;
  return a.findIndex((byte, index) => byte !== b[index]);
}
