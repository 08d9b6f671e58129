/** A claimable program in the engine's own compiler. Its whole state is memory and globals: both can be read and written. */
import type { NativeGlobal, NativeProgram } from "./nativeProgram.ts";

interface NativeExports {
  readonly memory: WebAssembly.Memory;
  readonly tick: () => number;
  readonly [name: string]: unknown;
}

export class NativeInstance {
  private readonly exports: NativeExports;
  private readonly globals: readonly (NativeGlobal & { readonly cell: WebAssembly.Global })[];

  /** Compiles and instantiates; the module's own segments are in memory afterwards. The program is a validated one. */
  constructor(program: NativeProgram) {
    const module = new WebAssembly.Module(program.module as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module);
    this.exports = exports as unknown as NativeExports;
    this.globals = program.globals.map((global) => ({ ...global, cell: exports[global.name] as WebAssembly.Global }));
  }

  /** Its buffer may become another one: `memory.grow` of 0 pages, which any program may execute, detaches the earlier. */
  get memory(): WebAssembly.Memory {
    return this.exports.memory;
  }

  /** Calls `tick` until it returns something other than 0, at most `count` times, reporting each call that returned. */
  run(count: number, ticked: () => void): boolean {
    const { tick } = this.exports;
    for (let i = 0; i < count; i++) {
      const result = tick();
      ticked();
      if (result !== 0) return true;
    }
    return false;
  }

  /** Copies the mutable globals into slots of two words. */
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

  writeGlobals(slots: Int32Array): void {
    for (const { index, type, cell } of this.globals) {
      const low = slots[2 * index]!;
      cell.value = type === "i32" ? low : (BigInt(slots[2 * index + 1]!) << 32n) | BigInt(low >>> 0);
    }
  }
}
