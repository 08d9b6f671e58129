import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/core/bytes.ts";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { limits } from "../../src/wasm/limits.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { Writer } from "../../src/wasm/writer.ts";
import { refusalOf } from "../support/refusal.ts";

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const type = [1, 4, 1, 0x60, 0, 0];

function section(id: number, ...content: number[]): number[] {
  return [id, ...new Writer().u32(content.length).done(), ...content];
}

/** A module with one function `[] -> []`, a memory, a table, and the given instructions. */
function withCode(...instructions: number[]): Uint8Array {
  return withCodeBytes(Uint8Array.from(instructions));
}

function withCodeBytes(instructions: Uint8Array): Uint8Array {
  const body = new Writer().byte(0).raw(instructions).byte(0x0b).done();
  const code = new Writer().u32(1).byteVector(body).done();
  const sections = [type, section(3, 1, 0), section(4, 1, 0x70, 0, 1), section(5, 1, 0, 1)].flat();
  return new Writer().raw(header).raw(sections).byte(10).byteVector(code).done();
}

/** `bytes` again and again. */
function repeat(count: number, ...bytes: number[]): Uint8Array {
  return Uint8Array.from({ length: count * bytes.length }, (_, i) => bytes[i % bytes.length]!);
}

function withSections(...sections: number[][]): Uint8Array {
  return Uint8Array.from([...header, ...sections.flat()]);
}

/** A function that declares 2^32 locals in two groups. */
function manyLocals(): Uint8Array {
  const groups = [2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 1, 0x7e];
  return withSections(type, section(3, 1, 0), section(10, 1, groups.length + 1, ...groups, 0x0b));
}

/** Code, rule and offset of the refusal. */
function load(bytes: Uint8Array) {
  return refusalOf(() => validateModule(decodeModule(bytes)));
}

/** Of the first instruction in `withCode`. */
const codeOffset = withCode().length - 1;

describe("features beyond the profile", () => {
  it.each<[string, number[]]>([
    ["exception handling", [0x06]],
    ["exception handling", [0x08, 0]],
    ["exception handling", [0x1f, 0x40, 0]],
    ["tail calls", [0x12, 0]],
    ["tail calls", [0x13, 0, 0]],
    ["typed function references", [0x14, 0]],
    ["typed function references", [0xd4]],
    ["reference types", [0x25, 0]],
    ["reference types", [0xd0, 0x70]],
    ["reference types", [0xd2, 0]],
    ["reference types (table instructions)", [0xfc, 15, 0]],
    ["wide arithmetic", [0xfc, 19]],
    ["garbage collection", [0xfb, 0]],
    ["SIMD", [0xfd, 12]],
    ["threads", [0xfe, 0]],
    ["stack switching", [0xe0]],
  ])("are refused by name: %s (%j)", (feature, instructions) => {
    expect(load(withCode(...instructions))).toEqual({ code: "wasm/unsupported", rule: feature, offset: codeOffset });
  });

  it.each<[string, number, number[][]]>([
    ["SIMD (v128)", 13, [section(1, 1, 0x60, 1, 0x7b, 0)]],
    ["reference types", 13, [section(1, 1, 0x60, 1, 0x6f, 0)]],
    ["garbage collection", 13, [section(1, 1, 0x60, 1, 0x6e, 0)]],
    ["garbage collection", 11, [section(1, 1, 0x5f, 0, 0)]],
    ["multiple tables", 14, [section(4, 2, 0x70, 0, 1, 0x70, 0, 1)]],
    ["reference types", 11, [section(4, 1, 0x6f, 0, 1)]],
    ["64-bit tables", 12, [section(4, 1, 0x70, 4, 1)]],
    ["tables with an initial value", 11, [section(4, 1, 0x40, 0, 0x70, 0, 1)]],
    ["multiple memories", 13, [section(5, 2, 0, 1, 0, 1)]],
    ["threads (shared memory)", 11, [section(5, 1, 3, 1, 1)]],
    ["64-bit memories", 11, [section(5, 1, 4, 1)]],
    ["custom page sizes", 11, [section(5, 1, 8, 1, 0)]],
    ["exception handling", 8, [section(13, 1, 0, 0)]],
    ["extended constant expressions", 13, [section(6, 1, 0x7f, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b)]],
  ])("are refused by name and offset: %s at byte %i", (feature, offset, sections) => {
    expect(load(withSections(...sections))).toEqual({ code: "wasm/unsupported", rule: feature, offset });
  });
});

describe("an index of a memory that takes more bytes than it needs", () => {
  it.each([
    ["memory.size", 1, [0x3f, 0x80, 0]],
    ["memory.grow", 3, [0x41, 0, 0x40, 0x80, 0x80, 0]],
    ["memory.fill", 2, [0xfc, 11, 0x80, 0]],
    ["memory.copy", 3, [0xfc, 10, 0, 0x80, 0]],
  ])("is unsupported in %s, since later WebAssembly has it", (_, at, code) => {
    expect(load(withCode(...code))).toEqual({
      code: "wasm/unsupported",
      rule: "a memory index of several bytes",
      offset: codeOffset + at,
    });
  });
});

describe("malformed modules", () => {
  it.each<[string, number, Uint8Array]>([
    ["magic header not detected", 0, Uint8Array.of()],
    ["magic header not detected", 3, Uint8Array.of(0x00, 0x61, 0x73, 0x6e, 1, 0, 0, 0)],
    ["unknown binary version", 4, Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0)],
    ["malformed section id 14", 8, withSections(section(14))],
    ["length out of bounds", 8, withSections([1, 100])],
    ["unexpected content after last section", 14, withSections(type, type)],
    ["section size mismatch", 14, withSections([1, 5, 1, 0x60, 0, 0, 0])],
    ["function and code section have inconsistent lengths", 18, withSections(type, section(3, 1, 0))],
    ["data count and data section have inconsistent lengths", 11, withSections(section(12, 1))],
    ["malformed mutability", 12, withSections(section(6, 1, 0x7f, 2, 0x41, 0, 0x0b))],
    ["too many locals", 29, manyLocals()],
    ["END opcode expected", 25, withSections(type, section(3, 1, 0), section(10, 1, 3, 0, 0x41, 0x01))],
    ["illegal opcode 0x27", codeOffset, withCode(0x27)],
    ["else without if", codeOffset + 2, withCode(0x02, 0x40, 0x05, 0x0b)],
    ["zero byte expected", codeOffset + 1, withCode(0x3f, 1)],
    ["integer representation too long", codeOffset + 1, withCode(0x3f, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
    ["malformed memop flags", codeOffset + 3, withCode(0x41, 0, 0x28, 0x80, 0x01, 0)],
    ["data count section required", codeOffset, withCode(0xfc, 9, 0)],
    ["section size mismatch: code after the function's end", codeOffset + 1, withCode(0x0b)],
  ])("are refused with rule and offset: %s at byte %i", (rule, offset, bytes) => {
    expect(load(bytes)).toEqual({ code: "wasm/malformed", rule, offset });
  });
});

describe("invalid modules", () => {
  it.each<[string, number[]]>([
    ["type mismatch: expected i32, got i64", [0x42, 0, 0x45]],
    ["type mismatch: expected i32, the block's stack is empty", [0x45]],
    ["type mismatch: 1 operands left at the end of the block", [0x41, 0]],
    ["unknown label 1", [0x0c, 1]],
    ["unknown local 0", [0x20, 0]],
    ["unknown global 7", [0x23, 7]],
    ["unknown function 1", [0x10, 1]],
    ["unknown type 1", [0x02, 1]],
    ["alignment must not be larger than natural", [0x41, 0, 0x28, 3, 0]],
    ["invalid result arity", [0x1c, 0]],
  ])("are refused with the rule: %s", (rule, instructions) => {
    expect(load(withCode(...instructions))).toMatchObject({ code: "wasm/invalid", rule });
  });

  it("are refused in dead code too", () => {
    expect(load(withCode(0x00, 0x42, 0, 0x45))).toMatchObject({ code: "wasm/invalid" });
  });
});

describe("hostile modules", () => {
  it("announce more than there is, and nobody makes room for it", () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]) {
      const rule = expect.stringMatching(/^unexpected end: 4294967295 /);
      expect(load(withSections(section(id, ...huge))), `section ${id}`).toMatchObject({ code: "wasm/malformed", rule });
    }
    expect(load(withCode(0x41, 0, 0x0e, ...huge))).toMatchObject({ code: "wasm/malformed" });
  });

  it("consist of very many sections", () => {
    const sections = (count: number) => concatBytes(Uint8Array.from(header), repeat(count, 0, 1, 0));
    expect(load(sections(limits.sections))).toBeUndefined();
    expect(load(sections(limits.sections + 1))).toMatchObject({ code: "wasm/unsupported" });
  });

  it("declare more locals than the engine takes in a few bytes", () => {
    const body = [1, ...new Writer().u32(limits.locals + 1).done(), 0x7f, 0x0b];
    const bytes = withSections(type, section(3, 1, 0), section(10, 1, body.length, ...body));
    expect(load(bytes)).toMatchObject({ code: "wasm/unsupported", rule: `more than ${limits.locals} locals` });
  });

  it("nest blocks as deep as the limit allows, without recursion here", () => {
    const nested = (depth: number) => withCodeBytes(concatBytes(repeat(depth, 0x02, 0x40), repeat(depth, 0x0b)));
    expect(load(nested(limits.nesting - 1))).toBeUndefined();
    expect(load(nested(limits.nesting))).toMatchObject({ code: "wasm/unsupported" });
  });

  it("pile up operands, up to the limit", () => {
    const pile = (count: number) => withCodeBytes(concatBytes(repeat(count, 0x41, 0), Uint8Array.of(0x0f)));
    expect(load(pile(limits.operands))).toBeUndefined();
    expect(load(pile(limits.operands + 1))).toMatchObject({ code: "wasm/unsupported" });
  });

  it("call functions of a thousand results again and again, and are refused before that takes long", () => {
    const wide = new Writer().u32(1000).raw(repeat(1000, 0x7f)).done();
    const types = new Writer().u32(1).byte(0x60).raw(wide).raw(wide).done();
    const body = new Writer()
      .raw([0, 0x00])
      .raw(repeat(30_000, 0x10, 0))
      .byte(0x0b)
      .done();
    const code = new Writer().u32(1).byteVector(body).done();
    const bytes = new Writer()
      .raw(header)
      .byte(1)
      .byteVector(types)
      .raw(section(3, 1, 0))
      .byte(10)
      .byteVector(code)
      .done();
    const rule = "type checks out of all proportion to the module's size";
    expect(load(bytes)).toMatchObject({ code: "wasm/unsupported", rule });
  });
});
