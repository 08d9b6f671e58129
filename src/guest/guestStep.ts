/** The guest's instruction inside a tick, where a machine has the state: what a disputed step of the emulator is about. */
import { address } from "../emulator/addresses.ts";
import {
  type EmulatorState,
  type GuestInstruction,
  guestInstructionIn,
  type LoopPlace,
  stateBytes,
} from "../emulator/guestInstruction.ts";
import { memoryPageBytes } from "../machine/layout.ts";
import type { SessionClient } from "../machine/native/sessionClient.ts";
import type { StepState } from "../machine/native/tickSteps.ts";
import { Op } from "../machine/opcodes.ts";
import type { MachineProgram } from "../machine/program.ts";
import { Register } from "../machine/registers.ts";

/** Where the function of the inner loop keeps its variables: distances of their slots from the frame's. */
export interface InnerLoop {
  /** Where the loop begins: from here on all of them are there. */
  readonly fromPc: number;
  readonly endPc: number;
  readonly at: number;
  /** The record that follows: while the instruction computes, the slot of its own record may hold something else. */
  readonly next: number;
  readonly line: number;
  readonly page: number;
}

/** Decoded instructions (`assembly/operands.ts`): bytes of a record of 16 bits' instruction, and of a page's line of them. */
const recordBytes = 8;
const lineBytes = 16_384;
/** Of a record: its own length. */
const lengthOffset = 3;

/**
 * The guest's instruction that the machine is about to execute a part of, after `step` steps of a tick.
 * @param program the emulator, as the session runs it.
 * @returns undefined once the guest has stopped.
 */
export async function guestInstructionAt(
  session: Pick<SessionClient, "lookAtStep">,
  program: MachineProgram,
  tick: number,
  step: number,
): Promise<GuestInstruction | undefined> {
  const { memory, ...state } = await session.lookAtStep(tick, step, [{ address: 0, length: stateBytes }]);
  const memoryBytes = program.memoryPages * memoryPageBytes;
  const read = async (at: number, length: number) => {
    if (at + length > memoryBytes) return undefined;
    return (await session.lookAtStep(tick, step, [{ address: at, length }])).memory[0];
  };
  return await guestInstructionIn({ head: memory[0]!, place: await placeOf(innerLoopOf(program), state, read), read });
}

/** Where the loop is by its own variables; undefined outside of it, and before it has them. */
export async function placeOf(
  loop: InnerLoop | undefined,
  { registers, stack }: Pick<StepState, "registers" | "stack">,
  read: EmulatorState["read"],
): Promise<LoopPlace | undefined> {
  const pc = registers[Register.pc]!;
  if (loop === undefined || pc < loop.fromPc || pc >= loop.endPc) return undefined;
  const fp = registers[Register.fp]!;
  const variable = (distance: number) => stack[2 * (fp + distance)]! >>> 0;
  const [line, own] = [variable(loop.line), variable(loop.at)];
  const isRecord = own === address.elsewhere || (own % recordBytes === 0 && own >= line && own < line + lineBytes);
  const at = isRecord ? own : await recordBefore(variable(loop.next), read);
  const page = new BigUint64Array(stack.buffer, stack.byteOffset, stack.length / 2)[fp + loop.page]!;
  return at === undefined ? undefined : { at, line, page };
}

/** The record that this one follows: its fourth byte is its length. */
async function recordBefore(next: number, read: EmulatorState["read"]): Promise<number | undefined> {
  const record = await read(next - 2 * recordBytes, recordBytes);
  return record && next - (record[lengthOffset] === 2 * recordBytes ? 2 : 1) * recordBytes;
}

/** The fields in which the loop leaves its variables, in the order in which it does. */
const left = [address.at, address.left, address.line, address.page] as const;

/**
 * Finds the inner loop in the emulator's code, by how it leaves its variables behind: `const, local.get, store` for each field. Undefined
 * for programs that have none.
 */
export function innerLoopOf({ code, functions }: MachineProgram): InnerLoop | undefined {
  const opcode = (pc: number) => code[2 * pc]! & 0xff;
  const operand = (pc: number) => code[2 * pc + 1]!;
  const isLeft = (pc: number) =>
    left.every((field, i) => {
      const at = pc + 3 * i;
      return opcode(at) === Op.i32Const && operand(at) === field && opcode(at + 1) === Op.localGet;
    });
  for (let pc = 0; pc + 12 <= code.length / 2; pc++) {
    if (!isLeft(pc)) continue;
    const found = functions.find(({ entryPc, endPc }) => entryPc <= pc && pc < endPc);
    if (found === undefined) return undefined;
    const { entryPc, endPc } = found;
    const own = Array.from({ length: endPc - entryPc }, (_, i) => entryPc + i);
    const slots = { at: operand(pc + 1), line: operand(pc + 7), page: operand(pc + 10) };
    // What goes back goes to where the loop begins; `at` and its length are the record that follows.
    const back = own.filter((each) => opcode(each) === Op.jump && operand(each) < each && operand(each) >= entryPc);
    const isSlot = (each: number) => opcode(each) === Op.localGet && operand(each) === slots.at;
    const sum = own.find((each) => isSlot(each) && isSlot(each + 1) && operand(each + 2) === lengthOffset);
    if (back.length === 0 || sum === undefined) return undefined;
    return { ...slots, next: operand(sum + 4), fromPc: Math.min(...back.map(operand)), endPc };
  }
  return undefined;
}
