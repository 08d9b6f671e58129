import { describe, expect, it } from "vitest";
import { loadProgram } from "../../src/machine/claimable.ts";
import { disassemble, disassembleInstruction, functionNameAt } from "../../src/machine/disassemble.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { textModule } from "../support/textModule.ts";

describe("disassembly", () => {
  it.each([
    [0x6a, 0, "i32.add"],
    [0x02 | (3 << 16), 120, "jump -> 120 drop 3"],
    [0x04, 7, "jump_unless -> 7"],
    [0x05, 4, "jump_table 0..4"],
    [0x06 | (2 << 16), 0, "return drop 2"],
    [0x07 | (1 << 16), 5, "move sp-5 = sp-1"],
    [0x08, -1, "i64.const_high -1"],
    [0x10 | (1 << 16), 9, "call -> 9 gap 1"],
    [0x11, 2, "call_indirect type 2"],
    [0x20, -2, "local.get fp-2"],
    [0x21, 2, "local.set fp+2"],
    [0x23, 6, "global.get 6"],
    [0x28, 0, "i32.load"],
    [0x37, -1, "i64.store offset=4294967295"],
    [0x41, -3, "i32.const -3"],
    [0x00, 0, "no instruction (0)"],
    [0xff, 1, "no instruction (255)"],
  ])("of %i, %i is %s", (operation, b, text) => {
    expect(disassembleInstruction(operation, b)).toBe(text);
  });

  it("begins with the opcode's name, for all of them", () => {
    for (const { number, name } of opcodes) expect(disassembleInstruction(number, 1).split(" ")[0]).toBe(name);
  });

  const text = "(module (func $first (nop)) (func $second (result i32) (i32.const 4)))";

  it("ends where the code ends", () => {
    const lines = disassemble(loadProgram(textModule(text)), 1, 10, 10);
    expect(lines.map(({ pc, functionName }) => [pc, functionName])).toEqual([
      [0, "first"],
      [1, "second"],
      [2, "second"],
      [3, "second"],
    ]);
  });

  it("has no name outside of all functions", () => {
    const program = loadProgram(textModule(text));
    expect([-1, 4, 99].map((pc) => functionNameAt(program, pc))).toEqual([undefined, undefined, undefined]);
  });

  it("takes what a damaged name section still gives", () => {
    const binary = textModule(text);
    const sectionAt = binary.indexOf(0x6e, binary.length - 30);
    for (let at = sectionAt; at < binary.length; at++) {
      const damaged = binary.slice();
      damaged[at]! ^= 0x55;
      let program: ReturnType<typeof loadProgram>;
      try {
        program = loadProgram(damaged);
      } catch (error) {
        expect(error).toMatchObject({ code: "wasm/malformed" });
        continue;
      }
      expect(program.functions.length).toBe(2);
    }
  });
});
