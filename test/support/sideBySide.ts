/** Calls an exported function in the engine and in the interpreter, each with its own memory and globals. */
import { loadProgram } from "../../src/machine/claimable.ts";
import { invoke } from "../../src/machine/invocation.ts";
import { emptyState, type MachineProgram } from "../../src/machine/program.ts";
import type { MachineState } from "../../src/machine/state.ts";

/** Results as unsigned bits, or what kind of end it was. */
export type Outcome = readonly bigint[] | "trapped" | "unfinished";

type NativeResult = number | bigint | undefined | (number | bigint)[];

export class SideBySide {
  readonly program: MachineProgram;
  readonly state: MachineState;
  private readonly exports: WebAssembly.Exports;

  constructor(binary: Uint8Array<ArrayBuffer>) {
    this.program = loadProgram(binary);
    this.state = emptyState(this.program);
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
  }

  native(name: string, operands: readonly (number | bigint)[]): Outcome {
    try {
      const f = this.exports[name] as (...operands: (number | bigint)[]) => NativeResult;
      const results = [f(...operands)].flat().filter((result) => result !== undefined);
      return results.map((result) => (typeof result === "number" ? BigInt(result >>> 0) : BigInt.asUintN(64, result)));
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return "trapped";
      throw error;
    }
  }

  stepped(name: string, operands: readonly (number | bigint)[], maxSteps = 1e6): Outcome {
    const index = this.program.exports.get(name)!;
    const outcome = invoke(this.state, this.program, index, operands.map(BigInt), maxSteps);
    return outcome.kind === "returned" ? outcome.results : outcome.kind;
  }
}
