import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Opcode, opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status, Trap } from "../../src/machine/registers.ts";
import { step } from "../../src/machine/step/step.ts";
import { runningState, slot } from "../support/handmadeState.ts";
import { seed } from "../support/seed.ts";
import { functionModule, type ValueType } from "../support/wasmBytes.ts";

/** Boundary values of both widths, and what lies beside them. */
const boundaries = [
  0n,
  1n,
  2n,
  7n,
  8n,
  15n,
  16n,
  31n,
  32n,
  33n,
  63n,
  64n,
  65n,
  127n,
  128n,
  255n,
  32767n,
  32768n,
  65535n,
]
  .concat([0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 0x123456789abcdefn, 1n << 53n, (1n << 53n) - 1n])
  .concat([(1n << 63n) - 1n, 1n << 63n, (1n << 62n) + 1n, 0xffffffff00000000n, 0xffffffffn << 31n]);
const value = fc.oneof(
  fc.constantFrom(...boundaries.flatMap((x) => [x, -x, ~x])),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

function typesOf({ name, pops }: Opcode): { parameters: ValueType[]; result: ValueType } {
  const own = name.startsWith("i64") ? "i64" : "i32";
  const conversion = /_(i32|i64)(_[su])?$/.exec(name)?.[1] as ValueType | undefined;
  const parameters = Array.from({ length: pops }, () => conversion ?? own);
  const comparison = /\.(eqz|eq|ne|[lg][te]_[su])$/.test(name);
  return { parameters, result: comparison ? "i32" : own };
}

const numeric = opcodes.filter(({ family }) => family === "numeric32" || family === "numeric64");

describe("numeric instructions", () => {
  it("are all there", () => {
    expect(numeric.length).toBe(0x5a - 0x45 + 1 + (0x8a - 0x67 + 1) + 3 + 5);
  });

  it.each(numeric.map((opcode) => [opcode.name, opcode] as const))("%s does what the engine does", (_, opcode) => {
    const { parameters, result } = typesOf(opcode);
    const body = [...parameters.flatMap((_, i) => [0x20, i]), opcode.number];
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(functionModule(parameters, [result], body))).exports;
    const native = f as (...operands: (number | bigint)[]) => number | bigint;
    fc.assert(
      fc.property(fc.tuple(value, value), (values) => {
        const operands = values.slice(0, parameters.length).map((operand) => BigInt.asUintN(64, operand));
        const state = runningState([[opcode.number]], operands);
        step(state);
        let expected: bigint;
        try {
          const given = operands.map((x, i) => (parameters[i] === "i32" ? Number(BigInt.asIntN(32, x)) : x));
          expected = BigInt.asUintN(result === "i32" ? 32 : 64, BigInt(native(...given)));
        } catch (error) {
          const code = (error as Error).message.includes("zero") ? Trap.divideByZero : Trap.integerOverflow;
          return state.registers[Register.status] === Status.trapped && state.registers[Register.trapCode] === code;
        }
        return (
          slot(state, 2) === expected &&
          state.registers[Register.sp] === 3 &&
          state.registers[Register.pc] === 1 &&
          state.registers[Register.status] === Status.running
        );
      }),
      { seed, numRuns: 600 },
    );
  });
});
