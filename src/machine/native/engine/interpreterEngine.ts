/** The interpreter as an engine: slow, and right by definition. Others are compared with it. */
import { markedPages } from "../../../merkle/pageTree.ts";
import { run } from "../../interpreter.ts";
import { startStateOver } from "../../program.ts";
import { Register, Status, trapNames } from "../../registers.ts";
import type { MachineState } from "../../state.ts";
import { resume } from "../../step/ending.ts";
import type { NativeProgram } from "../nativeProgram.ts";
import type { Engine, EngineKind, EngineStatus } from "./engine.ts";

export const interpreterEngine: EngineKind = {
  supports: () => true,
  open: (program) => new InterpreterEngine(program),
};

class InterpreterEngine implements Engine {
  readonly memory: WebAssembly.Memory;
  private readonly state: MachineState;

  constructor({ program }: NativeProgram) {
    this.memory = new WebAssembly.Memory({ initial: program.memoryPages, maximum: program.memoryPages });
    this.state = startStateOver(this.memory, program);
    for (const { address, bytes } of program.data) this.state.memory.set(bytes, address);
  }

  resume(globals: Int32Array): void {
    this.state.globals.set(globals);
    this.state.stack.fill(0);
    this.state.registers[Register.status] = Status.yielded;
    this.state.dirty.fill(0);
  }

  run(count: number, ticked: () => void): EngineStatus {
    const { state } = this;
    for (let i = 0; i < count; i++) {
      resume(state.registers);
      run(state, Number.MAX_SAFE_INTEGER);
      const status = state.registers[Register.status];
      if (status === Status.trapped) {
        throw new WebAssembly.RuntimeError(trapNames[state.registers[Register.trapCode]!]);
      }
      ticked();
      if (status === Status.halted) return "halted";
    }
    return "yielded";
  }

  readGlobals(slots: Int32Array): void {
    slots.set(this.state.globals);
  }

  takeWrittenPages(): Uint32Array {
    const pages = markedPages(this.state.dirty);
    this.state.dirty.fill(0);
    return pages;
  }
}
