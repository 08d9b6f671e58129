import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/randomModule.ts";
import { seed } from "../support/seed.ts";
import { textModule } from "../support/textModule.ts";

/** Where the engine follows a later specification than ours and takes what was malformed before. */
const laterRules = new Set(["zero byte expected"]);

/** `valid`, or the code and rule of the refusal. Anything thrown that is no refusal fails the test. */
function verdict(bytes: Uint8Array): { code: string; rule: string } {
  try {
    validateModule(decodeModule(bytes));
    return { code: "valid", rule: "" };
  } catch (error) {
    if (!isAssayError(error, "wasm/malformed", "wasm/invalid", "wasm/unsupported")) throw error;
    const { offset, rule } = error.details;
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(bytes.length);
    return { code: error.code, rule };
  }
}

/** Checks our verdict on some bytes against the engine's; returns it. */
function agree(bytes: Uint8Array, what: string): string {
  const { code, rule } = verdict(bytes);
  if (code === "wasm/unsupported" || laterRules.has(rule)) return code;
  const engine = WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>);
  expect(code === "valid", `${what}: ${code} ${rule}, the engine says ${engine ? "valid" : "not valid"}`).toBe(engine);
  return code;
}

const sample = textModule(`(module
  (type $t (func (param i32 i64) (result i32)))
  (import "host" "f" (func $f (type $t)))
  (import "host" "g" (global $g i32))
  (table 4 8 funcref)
  (memory 1 3)
  (global $h (mut i64) (i64.const -5))
  (global f64 (f64.const 1.5))
  (export "run" (func $run))
  (export "memory" (memory 0))
  (start $start)
  (elem (global.get $g) $f $run)
  (elem $passive func $start $run)
  (data (i32.const 8) "some bytes")
  (data $later "more")
  (func $start (memory.init $later (i32.const 0) (i32.const 0) (i32.const 4)) (data.drop $later)
    (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $passive)
    (table.copy (i32.const 0) (i32.const 1) (i32.const 2)))
  (func $run (param i32 i64) (result i32) (local f32 i64 i64)
    (block $a (result i32)
      (loop $b (param) (br_if $b (i32.eqz (local.get 0))))
      (br_table $a $a (i32.const 1) (local.get 0)))
    (if (result i32) (then (i32.load8_u offset=300 (i32.const 4))) (else (unreachable)))
    (drop (f32.demote_f64 (f64.const 0.25)))
    (local.set 1 (select (i64.const 0x123456789abcdef) (global.get $h) (local.get 0)))
    (call_indirect (type $t) (local.get 1) (i32.const 2))))`);

describe("a damaged module", () => {
  it("is refused at every length but its own, as the engine does", () => {
    expect(agree(sample, "whole")).toBe("valid");
    const valid: number[] = [];
    for (let length = 0; length < sample.length; length++) {
      if (agree(sample.slice(0, length), `first ${length} bytes`) === "valid") valid.push(length);
    }
    // The header alone is a module, and so is everything up to the functions' types.
    expect(valid.length).toBeLessThan(6);
  });

  it("is refused or valid as in the engine, whatever byte of it is changed to whatever", () => {
    const random = new Random(seed);
    const codes = new Map<string, number>();
    for (let at = 0; at < sample.length; at++) {
      const values = [...[0, 1, 0x7f, 0x80, 0xff].map((flip) => sample[at]! ^ flip), 0x40, 0x6a, 0x0b];
      for (let i = 0; i < 12; i++) values.push(random.below(256));
      for (const value of values) {
        const bytes = sample.slice();
        bytes[at] = value;
        const code = agree(bytes, `byte ${at} = ${value}`);
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
    for (const code of ["valid", "wasm/malformed", "wasm/invalid", "wasm/unsupported"]) {
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(50);
    }
  });

  it("is refused or valid as in the engine when bytes are changed, added and taken away", () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < 150; i++) {
      const { bytes: original } = randomModule(random);
      expect(agree(original, `module ${i}`)).toBe("valid");
      for (let j = 0; j < 30; j++) {
        const at = 8 + random.below(original.length - 8);
        const removed = random.below(3);
        const added = random.fill(new Uint8Array(random.below(3)));
        const bytes = new Uint8Array([...original.subarray(0, at), ...added, ...original.subarray(at + removed)]);
        agree(bytes, `module ${i}, byte ${at}: ${removed} bytes replaced by ${added}`);
      }
    }
  });

  it("is refused or valid as in the engine when instructions of functions are exchanged", () => {
    const random = new Random(seed + 2);
    for (let i = 0; i < 150; i++) {
      const { bytes: original } = randomModule(random);
      const code = decodeModule(original).sections.find(({ id }) => id === 10)!;
      for (let j = 0; j < 20; j++) {
        const bytes = original.slice();
        for (let k = random.below(3); k >= 0; k--) {
          bytes[code.start + random.below(code.end - code.start)] =
            bytes[code.start + random.below(code.end - code.start)]!;
        }
        agree(bytes, `module ${i}, exchange ${j}`);
      }
    }
  });
});
