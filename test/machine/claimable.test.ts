import { describe, expect, it } from "vitest";
import { loadClaimable, loadProgram } from "../../src/machine/claimable.ts";
import { run } from "../../src/machine/interpreter.ts";
import { buildIdOf, startState } from "../../src/machine/program.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { fullRoot } from "../support/fullRoot.ts";
import { textModule } from "../support/textModule.ts";

const memory = `(memory (export "memory") 2 2)`;
const tick = `(func $tick (export "tick") (result i32) (i32.const 0))`;

/** What it refuses, by name: the error's code, its rule if it has one, and words that the message has. */
const refused: Readonly<Record<string, { text: string; code: string; rule?: string; says: RegExp }>> = {
  "an import": {
    text: `(import "env" "abort" (func)) ${memory} ${tick}`,
    code: "machine/not-claimable",
    rule: "imports",
    says: /function "env.abort" \(at byte \d+\)/,
  },
  "a start function": {
    text: `${memory} ${tick} (func $s) (start $s)`,
    code: "machine/not-claimable",
    rule: "start",
    says: /start function.*at byte \d+/,
  },
  "no memory": { text: tick, code: "machine/not-claimable", rule: "memory", says: /must have a memory/ },
  "a memory under another name": {
    text: `(memory (export "m") 1 1) ${tick}`,
    code: "machine/not-claimable",
    rule: "memory",
    says: /export it as "memory"/,
  },
  "a memory that may grow": {
    text: `(memory (export "memory") 1 2) ${tick}`,
    code: "machine/not-claimable",
    rule: "memory",
    says: /minimum is 1 pages and its maximum 2/,
  },
  "a memory without a maximum": {
    text: `(memory (export "memory") 1) ${tick}`,
    code: "machine/not-claimable",
    rule: "memory",
    says: /maximum open/,
  },
  "no tick": { text: memory, code: "machine/not-claimable", rule: "tick", says: /must export a function "tick"/ },
  "a tick of another type": {
    text: `${memory} (func (export "tick") (result i64) (i64.const 0))`,
    code: "machine/not-claimable",
    rule: "tick",
    says: /must have type \[\] -> \[i32\]/,
  },
  "overlapping data segments": {
    text: `${memory} ${tick} (data (i32.const 8) "abcd") (data (i32.const 6) "abc")`,
    code: "machine/not-claimable",
    rule: "data overlap",
    says: /overlap at address 8/,
  },
  "direct recursion": {
    text: `${memory} (func $f (call $g)) (func $g (call $f)) (func (export "tick") (result i32) (call $f) (i32.const 0))`,
    code: "machine/not-claimable",
    rule: "recursion",
    says: /f -> g -> f/,
  },
  "recursion through the table": {
    text: `${memory} (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
      (func $f (call_indirect (type $t) (i32.const 0)))
      (func (export "tick") (result i32) (call $f) (i32.const 0))`,
    code: "machine/not-claimable",
    rule: "recursion",
    says: /f -> f/,
  },
  "more locals along a path than the stack has slots": {
    text: `${memory} ${Array.from({ length: 9 }, (_, i) => {
      const locals = "i64 ".repeat(1000);
      return `(func $f${i} (local ${locals}) ${i < 8 ? `(call $f${i + 1})` : ""})`;
    }).join(" ")} (func (export "tick") (result i32) (call $f0) (i32.const 0))`,
    code: "machine/not-claimable",
    rule: "stack",
    says: /may need 90\d\d stack slots, the machine has 8192/,
  },
  "a float instruction": {
    text: `${memory} (func (export "tick") (result i32) (drop (f64.add (f64.const 1) (f64.const 2))) (i32.const 0))`,
    code: "machine/unsupported-module",
    says: /no f64.const \(at byte \d+\)/,
  },
  "a float local": {
    text: `${memory} (func (export "tick") (result i32) (local f32) (i32.const 0))`,
    code: "machine/unsupported-module",
    says: /function 0 uses f32/,
  },
  "a float global": {
    text: `${memory} ${tick} (global f64 (f64.const 0))`,
    code: "machine/unsupported-module",
    says: /global 0 uses f64/,
  },
  "memory.init": {
    text: `${memory} (data $d "x")
      (func (export "tick") (result i32) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const 0))`,
    code: "machine/unsupported-module",
    says: /no memory.init/,
  },
  "data.drop": {
    text: `${memory} (data $d "x") (func (export "tick") (result i32) (data.drop $d) (i32.const 0))`,
    code: "machine/unsupported-module",
    says: /no data.drop/,
  },
  "a data segment beyond memory": {
    text: `${memory} ${tick} (data (i32.const 131071) "ab")`,
    code: "machine/segment-out-of-bounds",
    says: /data segment 0/,
  },
  "an element segment beyond the table": {
    text: `${memory} ${tick} (table 2 funcref) (elem (i32.const 2) $tick)`,
    code: "machine/segment-out-of-bounds",
    says: /element segment 0/,
  },
  "more globals than the machine has": {
    text: `${memory} ${tick} ${"(global i32 (i32.const 0))".repeat(4097)}`,
    code: "machine/unsupported-module",
    says: /4097 globals/,
  },
  "a table larger than the machine's": {
    text: `${memory} ${tick} (table 262145 funcref)`,
    code: "machine/unsupported-module",
    says: /table of 262145 entries/,
  },
  "an invalid body": {
    text: `${memory} (func (export "tick") (result i32) (i64.const 0))`,
    code: "wasm/invalid",
    says: /./,
  },
};

describe("the claim loader", () => {
  it.each(Object.entries(refused))("refuses %s", (_, { text, code, rule, says }) => {
    const details = rule === undefined ? {} : { details: expect.objectContaining({ rule }) };
    expect(() => loadClaimable(textModule(`(module ${text})`))).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(says), ...details }),
    );
  });

  it("admits a program whose tick fits the stack exactly", () => {
    // fp = 1, its record one slot, then locals and one operand: 8192 slots.
    const text = (locals: number) =>
      `(module ${memory} (func (export "tick") (result i32) (local ${"i64 ".repeat(locals)}) (i32.const 7)))`;
    const program = loadClaimable(textModule(text(8189)));
    expect(program.stackSlots).toBe(8192);
    const state = startState(program);
    resume(state.registers);
    run(state, 1e5);
    expect(state.registers[Register.status]).toBe(Status.halted);
    expect(() => loadClaimable(textModule(text(8190)))).toThrowError(
      expect.objectContaining({ code: "machine/not-claimable" }),
    );
  });

  it("leaves recursion to the interpreter alone", () => {
    const text = `(module ${memory} (func $f (call $f)) (func (export "tick") (result i32) (call $f) (i32.const 0)))`;
    expect(loadProgram(textModule(text)).functions.length).toBe(2);
  });
});

describe("a program's first state", () => {
  const program = loadClaimable(
    textModule(`(module ${memory} (global (mut i64) (i64.const -2)) (table 3 funcref) (elem (i32.const 1) $tick)
      (data (i32.const 70000) "data") ${tick})`),
  );

  it("has registers, globals, table, segments and drives in place, and a root of them all", async () => {
    const drive = { address: 4096, log2Size: 12, bytes: Uint8Array.of(1, 2, 3) };
    const state = startState(program, [drive]);
    expect([...state.registers.subarray(0, 10)]).toEqual([0, 0, 0, 0, 0, 2, 3, program.functions[0]!.entryPc, 1, 0]);
    expect([...state.globals.subarray(0, 2)]).toEqual([-2, -1]);
    expect([...state.table]).toEqual([0, 0, 1, 0, 0, 0]);
    expect([...state.memory.subarray(4096, 4100)]).toEqual([1, 2, 3, 0]);
    expect(new TextDecoder().decode(state.memory.subarray(70000, 70004))).toBe("data");
    expect(buildIdOf(program, [drive], await loadKeccakKernel())).toBe(fullRoot(state));
  });

  it.each([
    [{ address: 4096, log2Size: 13 }, /not aligned/],
    [{ address: 1 << 17, log2Size: 12 }, /beyond the memory/],
    [{ address: 4096, log2Size: 6 }, /no size/],
    [{ address: 0, log2Size: 7 }, /holds 128 bytes, its image has 200/],
    [{ address: 65536, log2Size: 16 }, /overlaps data at 70000/],
    [{ address: 8192, log2Size: 13 }, /overlaps a drive at 8192/],
  ])("refuses a drive like %j", (at, says) => {
    const first = { address: 8192, log2Size: 12, bytes: new Uint8Array(1) };
    expect(() => startState(program, [first, { ...at, bytes: new Uint8Array(200) }])).toThrowError(
      expect.objectContaining({ code: "machine/bad-input", message: expect.stringMatching(says) }),
    );
  });
});
