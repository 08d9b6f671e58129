import { describe, expect, it } from "vitest";
import { disassemble } from "../../src/machine/disassemble.ts";
import { SideBySide } from "../support/sideBySide.ts";
import { textModule } from "../support/textModule.ts";

type Call = readonly [name: string, ...operands: (number | bigint)[]];

/** Modules, and calls of their exports in order. */
const programs: Readonly<Record<string, { text: string; calls: readonly Call[] }>> = {
  "locals, parameters first and declared ones zeroed": {
    text: `(func (export "f") (param i32 i64 i32) (result i64) (local i64 i32)
      (local.set 4 (i32.add (local.get 0) (local.get 2)))
      (i64.add (i64.add (local.get 1) (local.get 3)) (i64.extend_i32_u (local.tee 4 (i32.mul (local.get 4) (i32.const 3))))))`,
    calls: [
      ["f", 1, 2n, 3],
      ["f", -1, -5n, 7],
    ],
  },
  "wide constants": {
    text: `(func (export "f") (param i32) (result i64)
      (select (i64.const 0x123456789abcdef0) (i64.const -2) (local.get 0)))
      (func (export "g") (result i64 i64 i64)
      (i64.const 0x80000000) (i64.const -0x80000000) (i64.const 0xffffffff00000000))`,
    calls: [["f", 0], ["f", 1], ["g"]],
  },
  "branches that carry values over operands": {
    text: `(func (export "f") (param i32) (result i32)
      (i32.const 100)
      (block (result i32 i32)
        (i32.const 7) (i32.const 8) (i32.const 9)
        (i32.const 1) (i32.const 2)
        (br_if 0 (local.get 0))
        (drop) (drop) (drop) (drop) (i32.const 40) (br 0))
      (i32.sub) (i32.add))`,
    calls: [
      ["f", 0],
      ["f", 1],
    ],
  },
  "branches whose values overlap the place they go to": {
    text: `(func (export "f") (param i32) (result i32 i32 i32)
      (block (result i32 i32 i32)
        (i32.const 9) (i32.const 1) (i32.const 2) (i32.const 3) (br_if 0 (local.get 0))
        (return)))`,
    calls: [
      ["f", 0],
      ["f", 1],
    ],
  },
  "loops with parameters": {
    text: `(func (export "sum") (param i32) (result i32)
      (i32.const 0) (local.get 0)
      (loop $l (param i32 i32) (result i32)
        (local.set 0)
        (i32.add (local.get 0))
        (i32.const 77) (drop)
        (i32.sub (local.get 0) (i32.const 1))
        (br_if $l (i32.gt_s (local.get 0) (i32.const 1)))
        (drop)))`,
    calls: [
      ["sum", 10],
      ["sum", 0],
      ["sum", 1],
    ],
  },
  "if and else with parameters and results": {
    text: `(func (export "f") (param i32 i32) (result i32)
      (local.get 1) (local.get 0)
      (if (param i32) (result i32)
        (then (i32.const 3) (i32.mul))
        (else (local.get 0) (br_if 0 (i32.eqz (local.get 1))) (i32.add)))
      (if (i32.eq (local.get 0) (i32.const 5)) (then (return (i32.const -1))))
      (if (result i32) (i32.const 1) (then (i32.const 4)) (else (unreachable)))
      (i32.add))`,
    calls: [
      ["f", 0, 0],
      ["f", 0, 9],
      ["f", 2, 9],
      ["f", 5, 9],
    ],
  },
  "branch tables, with and without values, to blocks, loops and the function": {
    text: `(func (export "f") (param i32) (result i32)
      (block $a (result i32) (block $b (result i32) (block $c (result i32)
        (i32.const 1000) (i32.const 2000)
        (i32.const 5)
        (br_table $a $b $c 3 $a $c (local.get 0)))
        (i32.add (i32.const 10)))
        (i32.add (i32.const 100)))
      (i32.add (i32.const 1)))
      (func (export "g") (param i32) (result i32) (local i32)
      (block $out
      (loop $again
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (i64.const 1) (i64.const 2)
        (br_table $out $out $again (i32.sub (local.get 0) (local.get 1)))))
      (local.get 1))
      (func (export "h") (param i32) (br_table 0 (local.get 0)))`,
    calls: [...[0, 1, 2, 3, 4, 5, 6, -1].map((i) => ["f", i] as const), ["g", 3], ["g", 9], ["h", 0], ["h", 5]],
  },
  "dead code, nested": {
    text: `(func (export "f") (param i32) (result i32)
      (block $a (result i32)
        (br $a (i32.const 3))
        (block (result i32) (loop (br 0)) (if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.const 2))))
        (i32.add) (drop) (br_table 0 0 0))
      (if (local.get 0) (then (return (i32.const 9)) (i32.add) (drop)) (else (nop)))
      (loop (unreachable) (drop) (i64.add) (drop)))
      (func (export "g") (result i32)
      (block (result i32) (block (br 1 (i32.const 1)) (block) (unreachable)) (i32.const 2)))`,
    calls: [["f", 0], ["f", 1], ["g"]],
  },
  "calls with more results than parameters and the other way round": {
    text: `(func $three (param i32) (result i32 i32 i64)
      (local i32 i64) (local.get 0) (i32.add (local.get 0) (i32.const 1)) (i64.const -4))
      (func $one (param i32 i32 i64) (result i32) (i32.const 8) (i32.const 9) (return (i32.sub (local.get 1) (local.get 0))))
      (func $none (param i32 i32))
      (func (export "f") (param i32) (result i32)
        (i32.const 55)
        (call $three (local.get 0)) (call $one)
        (call $none (i32.const 1) (i32.const 2))
        (i32.add))`,
    calls: [
      ["f", 4],
      ["f", -1],
    ],
  },
  "indirect calls, by structural type": {
    text: `(type $t (func (param i32) (result i32))) (type $u (func (param i32) (result i32))) (type $v (func))
      (table 6 funcref) (elem (i32.const 1) $inc $dec $nothing $many)
      (func $inc (type $t) (i32.add (local.get 0) (i32.const 1)))
      (func $dec (type $u) (i32.sub (local.get 0) (i32.const 1)))
      (func $nothing (type $v))
      (func $many (param i32) (result i32 i32) (local.get 0) (i32.const 3))
      (func (export "f") (param i32 i32) (result i32) (call_indirect (type $t) (local.get 0) (local.get 1)))
      (func (export "g") (param i32) (result i32 i32)
        (call_indirect (param i32) (result i32 i32) (i32.const 6) (local.get 0)))`,
    calls: [...[-1, 0, 1, 2, 3, 4, 5, 6].flatMap((i) => [["f", 10, i] as const, ["g", i] as const])],
  },
  "recursion, memory and globals that stay between calls": {
    text: `(memory 1 1) (global $g (mut i64) (i64.const -3)) (global (mut i32) (i32.const 8)) (data (i32.const 4) "\\07\\00\\00\\01")
      (func $fac (export "fac") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1))
          (else (i64.mul (local.get 0) (call $fac (i64.sub (local.get 0) (i64.const 1)))))))
      (func (export "bump") (result i64)
        (i64.store (i32.const 124) (i64.add (i64.load (i32.const 124)) (global.get $g)))
        (global.set $g (i64.mul (global.get $g) (i64.const 5)))
        (i64.add (i64.load (i32.const 124)) (i64.load32_u (i32.const 4))))
      (func (export "far") (param i32) (result i32) (i32.load offset=65533 (local.get 0)))`,
    calls: [["fac", 20n], ["bump"], ["bump"], ["bump"], ["far", 0], ["far", 3], ["far", -1]],
  },
};

describe("lowered code", () => {
  it.each(Object.entries(programs))("does what the engine does: %s", (_, { text, calls }) => {
    const both = new SideBySide(textModule(`(module ${text})`));
    for (const [name, ...operands] of calls) {
      expect([name, operands, both.stepped(name, operands)]).toEqual([name, operands, both.native(name, operands)]);
    }
  });

  function listing(text: string): string[] {
    const { program } = new SideBySide(textModule(`(module ${text})`));
    return disassemble(program, 0, 0, 1000).map((line) => `${line.pc} ${line.text}`);
  }

  it("is this for a branch with values", () => {
    const text = `(func (result i32) (block (result i32) (i64.const 5) (i32.const 1) (br_if 0 (i32.const 0)) (br 0)))`;
    expect(listing(text)).toEqual([
      "0 i64.const 5",
      "1 i32.const 1",
      "2 i32.const 0",
      "3 jump_unless -> 6",
      "4 move sp-2 = sp-1",
      "5 jump -> 8 drop 1",
      "6 move sp-2 = sp-1",
      "7 jump -> 8 drop 1",
      "8 move sp-3 = sp-1",
      "9 return",
    ]);
  });

  it("is this for a branch table whose values move", () => {
    const text = `(func (param i32) (result i64) (local i32)
      (block (result i64) (i32.const 1) (i64.const 0x100000000) (br_table 0 1 0 (local.get 0))))`;
    expect(listing(text)).toEqual([
      "0 i64.const 0",
      "1 i32.const 1",
      "2 i64.const 0",
      "3 i64.const_high 1",
      "4 local.get fp-1",
      "5 jump_table 0..2",
      "6 jump -> 9",
      "7 jump -> 11",
      "8 jump -> 9",
      "9 move sp-2 = sp-1",
      "10 jump -> 13 drop 1",
      "11 move sp-5 = sp-1",
      "12 return",
      "13 move sp-4 = sp-1",
      "14 return",
    ]);
  });

  it("is the same for the same module, whatever ran before", () => {
    const binary = textModule(`(module ${programs["dead code, nested"]!.text})`);
    expect(new SideBySide(binary).program).toEqual(new SideBySide(binary.slice()).program);
  });

  it("names functions as the name section does", () => {
    const { program } = new SideBySide(textModule('(module (func $first) (func (export "f") (call $first)))'));
    expect(disassemble(program, 1, 1, 1).map(({ functionName, text }) => [functionName, text])).toEqual([
      ["first", "return"],
      ["function 1", "call -> 0"],
      ["function 1", "return"],
    ]);
  });
});
