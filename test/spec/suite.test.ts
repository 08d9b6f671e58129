import { describe, expect, it } from "vitest";
import { runScript } from "./runScript.ts";
import { ownScripts, type Script, scriptsIn, suiteFolder } from "./suite.ts";
import { Tally, table } from "./tally.ts";

const folder = suiteFolder();

function play(scripts: readonly Script[]): { total: Tally; tallies: ReadonlyMap<string, Tally> } {
  const tallies = new Map(scripts.map(({ name, read }) => [name, runScript(read()).tally]));
  const total = new Tally();
  for (const tally of tallies.values()) total.add(tally);
  return { total, tallies };
}

describe("the WebAssembly test suite", () => {
  it.skipIf(folder === undefined)("holds in the engine and in the interpreter", () => {
    const { total, tallies } = play(scriptsIn(folder!));
    console.log(table(tallies));
    expect(total.failures).toEqual([]);
    expect(total.passed).toBeGreaterThan(0);
  });
});

describe("the scripts beside the suite", () => {
  it("pass as a whole", () => {
    const { total } = play(ownScripts());
    expect(total.failures).toEqual([]);
    expect(total.passed).toBe(40);
    expect(total.rejectedTotal).toBe(0);
  });
});

describe("a test script", () => {
  const script = (text: string) => runScript(new TextEncoder().encode(text)).tally;
  const module = `(module
    (func (export "one") (result i32) (i32.const 1))
    (func (export "half") (result f32) (f32.const 0.5))
    (func (export "through") (result i32) (i32.trunc_f32_s (call 1)))
    (func (export "trap") (unreachable)))`;

  it("passes where every assertion holds", () => {
    const tally = script(
      `${module} (assert_return (invoke "one") (i32.const 1)) (assert_trap (invoke "trap") "unreachable")`,
    );
    expect({ ...tally, rejected: tally.rejectedTotal }).toEqual({ passed: 3, failures: [], rejected: 0 });
  });

  it("fails where a result or a trap differs", () => {
    const tally = script(`${module}
      (assert_return (invoke "one") (i32.const 2))
      (assert_trap (invoke "trap") "integer overflow")`);
    expect(tally.failures).toEqual([
      "line 6: the engine gives [i32 1], not [i32 2]",
      "line 7: the engine gives trap: unreachable, not trap: integer overflow",
    ]);
  });

  it("fails where a module is refused for another reason than the one named", () => {
    const tally = script(`(assert_malformed (module binary "\\00asm\\01\\00\\00\\00\\03\\02\\01\\00") "")
      (assert_invalid (module (func (result i32))) "type mismatch")
      (assert_invalid (module (func)) "type mismatch")`);
    expect(tally.passed).toBe(2);
    expect(tally.failures).toEqual(["line 3: accepted, not invalid: type mismatch"]);
  });

  it("is told a trap by the beginning of its name", () => {
    const trapping = `(module (table 1 funcref) (func (export "f") (call_indirect (i32.const 0)))
      (func (export "g") (call_indirect (i32.const 9))))`;
    const tally = script(`${trapping}
      (assert_trap (invoke "f") "uninitialized")
      (assert_trap (invoke "f") "uninitialized element")
      (assert_trap (invoke "g") "undefined")
      (assert_trap (invoke "g") "out of bounds")
      (assert_trap (invoke "f") "unreachable")
      (assert_trap (invoke "f") "element")`);
    expect(tally.passed).toBe(5);
    expect(tally.failures).toHaveLength(2);
  });

  it("counts by reason what is beyond the reader, the assembler, or linked to such", () => {
    const none = script(`(module (func (export "f")`);
    expect([none.passed, none.failures, [...none.rejected]]).toEqual([0, [], [["a script beyond the reader", 1]]]);
    const annotated = script(
      `(module) (assert_malformed (module quote "(@a \\"") "unclosed") (module (@note a;b) (func))`,
    );
    expect(annotated.failures).toEqual([]);
    const linked = script(`(module $m (tag) (func (export "f") (result i32) (i32.const 1)))
      (register "m" $m)
      (module (import "m" "f" (func (result i32))) (func (export "g")))
      (assert_return (invoke "g"))
      (assert_trap (module (import "m" "f" (func)) (func $s unreachable) (start $s)) "unreachable")
      (module (func (export "one") (result i32) (i32.const 1)))
      (assert_return (invoke "one") (i32.const 1))`);
    expect([linked.passed, linked.failures]).toEqual([2, []]);
    expect([...linked.rejected]).toEqual([["text beyond the assembler", 4]]);
  });

  it("says nothing about the module before one that cannot be loaded", () => {
    const tally = script(`(module (func (export "one") (result i32) (i32.const 1)))
      (module (import "nowhere" "f" (func)))
      (assert_return (invoke "one") (i32.const 1))`);
    expect(tally.passed).toBe(1);
    expect(tally.failures).toHaveLength(1);
  });

  it("counts what needs floats apart", () => {
    const tally = script(`${module}
      (assert_return (invoke "half") (f32.const 0.5))
      (assert_return (invoke "through") (i32.const 0))
      (assert_return (invoke "one") (i32.const 1))`);
    expect(tally.passed).toBe(2);
    expect([...tally.rejected]).toEqual([["floats", 2]]);
    expect(tally.failures).toEqual([]);
  });
});
