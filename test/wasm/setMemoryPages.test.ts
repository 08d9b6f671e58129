import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { setMemoryPages } from "../../src/wasm/setMemoryPages.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { textModule } from "../support/textModule.ts";

const functions = `(func (export "tick") (result i32) (i32.load (i32.const 8))) (data (i32.const 8) "abc")`;

/** Sections but the memory, as bytes. */
function others(bytes: Uint8Array): string[] {
  return decodeModule(bytes)
    .sections.filter(({ id }) => id !== 5)
    .map(({ offset, end }) => Buffer.from(bytes.subarray(offset, end)).toString("hex"));
}

describe("setting the size of a memory", () => {
  it.each([
    ['(memory (export "memory") 1)', 3],
    ['(memory (export "memory") 4096 4096)', 300],
    ['(memory (export "memory") 1 2)', 65536],
  ])("makes minimum and maximum of %s %i pages and changes nothing else", (memory, pages) => {
    const before = textModule(`(module ${memory} ${functions})`);
    const after = setMemoryPages(decodeModule(before), pages);
    const module = decodeModule(after);
    validateModule(module);
    expect(module.memories.map(({ limits }) => limits)).toEqual([{ minimum: pages, maximum: pages }]);
    expect(others(after)).toEqual(others(before));
  });

  it("gives the same bytes whatever the size was before", () => {
    const sized = (limits: string) =>
      setMemoryPages(decodeModule(textModule(`(module (memory (export "memory") ${limits}) ${functions})`)), 77);
    expect(sized("1")).toEqual(sized("9000 9000"));
  });

  it("gives the engine a memory of that size", () => {
    const bytes = setMemoryPages(decodeModule(textModule(`(module (memory (export "memory") 1) ${functions})`)), 5);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    expect((exports.memory as WebAssembly.Memory).buffer.byteLength).toBe(5 * 65536);
  });

  it.each([
    ["no memory", "(module)", 1],
    ["an imported memory", '(module (import "a" "b" (memory 1)))', 1],
    ["more than 4 GiB", "(module (memory 1))", 65537],
    ["a part of a page", "(module (memory 1))", 1.5],
  ])("refuses %s", (_, text, pages) => {
    expect(() => setMemoryPages(decodeModule(textModule(text)), pages)).toThrowError(
      expect.objectContaining({ code: "wasm/unsupported" }),
    );
  });
});
