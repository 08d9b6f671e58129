import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { exportGlobals } from "../../src/wasm/exportGlobals.ts";
import type { Section } from "../../src/wasm/module.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/randomModule.ts";
import { seed } from "../support/seed.ts";
import { textModule } from "../support/textModule.ts";

function rewrite(text: string) {
  const module = decodeModule(textModule(text));
  validateModule(module);
  const { bytes, names } = exportGlobals(module);
  const rewritten = decodeModule(bytes);
  validateModule(rewritten);
  return { module, rewritten, names, bytes };
}

/** Sections but the exports, as bytes, with their ids. */
function others(bytes: Uint8Array, sections: readonly Section[]): string[] {
  return sections
    .filter(({ id }) => id !== 7)
    .map(({ offset, end }) => Buffer.from(bytes.subarray(offset, end)).toString("hex"));
}

const globals = `(global (mut i32) (i32.const 7)) (global i64 (i64.const 8)) (global (mut i64) (i64.const -9))`;

describe("exporting globals", () => {
  it("adds an export for each mutable global behind the others and changes nothing else", () => {
    const { module, rewritten, names, bytes } = rewrite(
      `(module ${globals} (func (export "tick") (nop)) (memory 1) (data "x"))`,
    );
    expect([...names]).toEqual([
      [0, "g0:0"],
      [2, "g0:2"],
    ]);
    expect(rewritten.exports.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ["tick", "function", 0],
      ["g0:0", "global", 0],
      ["g0:2", "global", 2],
    ]);
    expect(others(bytes, rewritten.sections)).toEqual(others(module.bytes, module.sections));
  });

  it("puts an export section in its place where there is none", () => {
    const { rewritten } = rewrite(`(module ${globals} (func $f) (start $f) (memory 1) (data "x"))`);
    expect(rewritten.sections.map(({ id }) => id).filter((id) => id !== 0)).toEqual([1, 3, 5, 6, 7, 8, 10, 11]);
    const { rewritten: last } = rewrite(`(module ${globals})`);
    expect(last.sections.map(({ id }) => id).filter((id) => id !== 0)).toEqual([6, 7]);
  });

  it("leaves a module without mutable globals as it is", () => {
    const { module, bytes, names } = rewrite(`(module (global i32 (i32.const 1)) (func (export "f")))`);
    expect(bytes).toEqual(module.bytes);
    expect(names.size).toBe(0);
  });

  it("finds names of its own among names that look like them", () => {
    const exports = ["g0:0", "g0:", "g1:17", "g3:0", "g00:0", "g2"]
      .map((name) => `(export "${name}" (func 0))`)
      .join(" ");
    const { names } = rewrite(`(module ${globals} (func) ${exports})`);
    expect([...names.values()]).toEqual(["g2:0", "g2:2"]);
  });

  it("lets the engine's values be read, of globals exported already too", () => {
    const { bytes, names } = rewrite(`(module ${globals} (export "mine" (global 0)))`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
    expect([...names.values()].map((name) => (exports[name] as WebAssembly.Global).value)).toEqual([7, -9n]);
  });

  it("gives modules that the engine takes, sections but exports untouched", () => {
    for (let i = 0; i < 50; i++) {
      const module = decodeModule(randomModule(new Random(seed + i)).bytes);
      const { bytes, names } = exportGlobals(module);
      expect(names.size).toBe(module.globals.filter(({ mutable }) => mutable).length);
      expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(true);
      expect(others(bytes, decodeModule(bytes).sections)).toEqual(others(module.bytes, module.sections));
    }
  });
});
