/** A claimable program in the host's own WebAssembly compiler. */
import type { NativeGlobal, NativeProgram } from "../nativeProgram.ts";
import type { Engine, EngineKind, EngineStatus } from "./engine.ts";

interface NativeExports {
  readonly memory: WebAssembly.Memory;
  readonly tick: () => number;
  readonly [name: string]: unknown;
}

export const nativeEngine: EngineKind = {
  supports: () => true,
  open: (program) => new NativeEngine(program),
};

class NativeEngine implements Engine {
  private readonly exports: NativeExports;
  private readonly globals: readonly (NativeGlobal & { readonly cell: WebAssembly.Global })[];

  constructor(program: NativeProgram) {
    const module = new WebAssembly.Module(program.module as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module);
    this.exports = exports as unknown as NativeExports;
    this.globals = program.globals.map((global) => ({ ...global, cell: exports[global.name] as WebAssembly.Global }));
  }

  get memory(): WebAssembly.Memory {
    return this.exports.memory;
  }

  resume(slots: Int32Array): void {
    for (const { index, type, cell } of this.globals) {
      const low = slots[2 * index]!;
      cell.value = type === "i32" ? low : (BigInt(slots[2 * index + 1]!) << 32n) | BigInt(low >>> 0);
    }
  }

  run(count: number, ticked: () => void): EngineStatus {
    const { tick } = this.exports;
    for (let i = 0; i < count; i++) {
      const result = tick();
      ticked();
      if (result !== 0) return "halted";
    }
    return "yielded";
  }

  readGlobals(slots: Int32Array): void {
    for (const { index, type, cell } of this.globals) {
      if (type === "i32") {
        slots[2 * index] = cell.value as number;
        slots[2 * index + 1] = 0;
      } else {
        const bits = BigInt.asUintN(64, cell.value as bigint);
        slots[2 * index] = Number(bits & 0xffffffffn);
        slots[2 * index + 1] = Number(bits >> 32n);
      }
    }
  }
}
