import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { importedFunctions } from "../../src/wasm/module.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { encodeModule, partsOf } from "../support/moduleParts.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/randomModule.ts";
import { seed } from "../support/seed.ts";
import { textModule } from "../support/textModule.ts";

const text = `(module
  (type $t (func (param i32 f64) (result i64)))
  (import "a" "f" (func (type $t)))
  (import "a" "g" (global (mut i32)))
  (import "b" "\\u{fe0f}" (memory 1 2))
  (table 3 funcref)
  (global i64 (i64.const -2))
  (export "e" (global 1))
  (elem (i32.const 1) func 0 1)
  (elem func 1)
  (data (i32.const 5) "ab\\00c")
  (data "later")
  (func $here (param i32) (local i64 i64 f32) (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 0))))`;

describe("a decoded module", () => {
  const module = decodeModule(textModule(text));

  it("has its index spaces with imports first", () => {
    expect(module.imports.map(({ module: from, name, kind, index }) => [from, name, kind, index])).toEqual([
      ["a", "f", "function", 0],
      ["a", "g", "global", 0],
      ["b", "\ufe0f", "memory", 0],
    ]);
    expect(importedFunctions(module)).toBe(1);
    expect(module.functions.map(({ code }) => code === undefined)).toEqual([true, false]);
    expect(module.globals.map(({ type, mutable, value }) => [type, mutable, value?.kind])).toEqual([
      [0x7f, true, undefined],
      [0x7e, false, "constant"],
    ]);
    expect(module.memories).toMatchObject([{ imported: true, limits: { minimum: 1, maximum: 2 } }]);
    expect(module.tables).toMatchObject([{ imported: false, limits: { minimum: 3, maximum: undefined } }]);
  });

  it("has its segments and where they go", () => {
    expect(module.elements.map(({ mode, functions }) => [mode, ...functions])).toEqual([
      ["active", 0, 1],
      ["passive", 1],
    ]);
    expect(module.data.map(({ mode, bytes }) => [mode, Buffer.from(bytes).toString("latin1")])).toEqual([
      ["active", "ab\0c"],
      ["passive", "later"],
    ]);
    expect(module.data[0]!.position).toMatchObject({ kind: "constant", low: 5 });
    expect(module.dataCount).toBe(2);
  });

  it("has groups of locals and the place of the code", () => {
    const { code } = module.functions[1]!;
    expect([code!.localCounts, code!.localTypes]).toEqual([
      [2, 1],
      [0x7e, 0x7d],
    ]);
    expect(module.bytes[code!.end - 1]).toBe(0x0b);
  });

  it("names its custom sections", () => {
    expect(module.customSections.map(({ name }) => name)).toEqual(["name"]);
  });

  it("can be encoded again", () => {
    const bytes = encodeModule(partsOf(module));
    const again = decodeModule(bytes);
    validateModule(again);
    expect(again.types).toEqual(module.types);
    expect(again.sections.map(({ id }) => id)).toEqual(module.sections.map(({ id }) => id).filter((id) => id !== 0));
    expect(encodeModule(partsOf(again))).toEqual(bytes);
  });

  it("has the very bytes it was encoded from", () => {
    for (let i = 0; i < 30; i++) {
      const { bytes } = randomModule(new Random(seed + i));
      expect(encodeModule(partsOf(decodeModule(bytes)))).toEqual(bytes);
    }
  });
});
