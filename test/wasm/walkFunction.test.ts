import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import type { FunctionVisitor } from "../../src/wasm/functionVisitor.ts";
import { instructionName } from "../../src/wasm/opcodes.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { walkFunction } from "../../src/wasm/walkFunction.ts";
import { textModule } from "../support/textModule.ts";

/** One line for each visit: what, then the height. */
function visits(body: string, signature = ""): string[] {
  const module = decodeModule(
    textModule(`(module
      (memory 1)
      (table 1 funcref)
      (type $pair (func (result i32 i32)))
      (func $f ${signature} ${body})
      (func $g (param i32 i64) (result i64) (local.get 1)))`),
  );
  validateModule(module);
  const lines: string[] = [];
  const visitor: FunctionVisitor = {
    instruction: ({ opcode, immediate, height }) => lines.push(`${height} ${instructionName(opcode)} ${immediate}`),
    enter: ({ kind, depth, height: below }, { height }) =>
      lines.push(`${height} enter ${kind} ${depth} above ${below}`),
    otherwise: ({ kind }, fallsThrough) => lines.push(`else of ${kind}${fallsThrough ? ", falls through" : ""}`),
    leave: ({ kind, depth, branchedTo }, fallsThrough) =>
      lines.push(`leave ${kind} ${depth}${fallsThrough ? ", falls through" : ""}${branchedTo ? ", branched to" : ""}`),
    branch: ({ depth, branchTypes }, conditional, { height }) =>
      lines.push(`${height} ${conditional ? "br_if" : "br"} to ${depth} with ${branchTypes.length}`),
    branchTable: (targets, { height }) => lines.push(`${height} br_table ${targets.map(({ depth }) => depth)}`),
    call: (index, { parameters, results }, { height }) =>
      lines.push(`${height} call ${index} ${parameters.length}-${results.length}`),
    callIndirect: (typeIndex, _, { height }) => lines.push(`${height} call_indirect ${typeIndex}`),
  };
  walkFunction(module, 0, visitor);
  return lines;
}

describe("the walk over a function", () => {
  it("tells each instruction with the height before it", () => {
    expect(visits("(i32.store offset=7 (i32.const 1) (i32.const -2))")).toEqual([
      "0 i32.const 1",
      "1 i32.const -2",
      "2 i32.store 7",
      "leave function 0, falls through",
    ]);
  });

  it("tells blocks with their place, and heights without conditions", () => {
    const body = `(i64.const 1)
      (block $b (result i32)
        (loop $l (br_if $l (i32.const 1)))
        (br_if $b (i32.const 2) (i32.const 3)))
      (drop) (drop)`;
    expect(visits(body)).toEqual([
      "0 i64.const 1",
      "1 enter block 1 above 1",
      "1 enter loop 2 above 1",
      "1 i32.const 1",
      "1 br_if to 2 with 0",
      "leave loop 2, falls through, branched to",
      "1 i32.const 2",
      "2 i32.const 3",
      "2 br_if to 1 with 1",
      "leave block 1, falls through, branched to",
      "2 drop 0",
      "1 drop 0",
      "leave function 0, falls through",
    ]);
  });

  it("tells the parts of an if, and whether there is an else", () => {
    expect(visits("(if (i32.const 0) (then (nop)))")).toEqual([
      "0 i32.const 0",
      "0 enter if 1 above 0",
      "0 nop 0",
      "leave if 1, falls through",
      "leave function 0, falls through",
    ]);
    expect(visits("(drop (if (result i32) (i32.const 0) (then (return)) (else (i32.const 5))))")).toEqual([
      "0 i32.const 0",
      "0 enter if 1 above 0",
      "0 br to 0 with 0",
      "else of else",
      "0 i32.const 5",
      "leave else 1, falls through",
      "1 drop 0",
      "leave function 0, falls through, branched to",
    ]);
  });

  it("tells calls after their operands' types are known, before they are popped", () => {
    const body =
      "(drop (call $g (i32.const 1) (i64.const 2))) (call_indirect (type $pair) (i32.const 0)) (drop) (drop)";
    expect(visits(body)).toEqual([
      "0 i32.const 1",
      "1 i64.const 2",
      "2 call 1 2-1",
      "1 drop 0",
      "0 i32.const 0",
      "1 call_indirect 0",
      "2 drop 0",
      "1 drop 0",
      "leave function 0, falls through",
    ]);
  });

  it("tells nothing of code that cannot be reached, whatever stands in it", () => {
    const dead =
      "(block (result f32) (f32.const 1) (br_if 1 (i32.const 1)) (if (i32.const 0) (then (call $f)))) (drop)";
    expect(visits(`(block (unreachable) ${dead})`)).toEqual([
      "0 enter block 1 above 0",
      "0 unreachable 0",
      "leave block 1",
      "leave function 0, falls through",
    ]);
  });

  it("tells a table of branches once, the default last", () => {
    const body = "(block $a (block $b (br_table $b $a $b 2 (i32.const 4))) (nop))";
    expect(visits(body)).toEqual([
      "0 enter block 1 above 0",
      "0 enter block 2 above 0",
      "0 i32.const 4",
      "0 br_table 2,1,2,0",
      "leave block 2, branched to",
      "0 nop 0",
      "leave block 1, falls through, branched to",
      "leave function 0, falls through, branched to",
    ]);
  });

  it("tells a typed select as a plain one", () => {
    const body = "(drop (select (result i64) (i64.const 1) (i64.const 2) (i32.const 3)))";
    expect(visits(body)).toContain("3 select 0");
  });

  it("tells both halves of a wide constant", () => {
    const module = decodeModule(textModule("(module (func (drop (i64.const 0x123456789abcdef0))))"));
    const seen: number[] = [];
    const ignore = () => {};
    const rest = { enter: ignore, otherwise: ignore, leave: ignore, branch: ignore, branchTable: ignore };
    const instruction: FunctionVisitor["instruction"] = ({ immediate, high }) => seen.push(immediate, high);
    walkFunction(module, 0, { ...rest, instruction, call: ignore, callIndirect: ignore });
    expect(seen.slice(0, 2)).toEqual([0x9abcdef0 | 0, 0x12345678]);
  });
});
