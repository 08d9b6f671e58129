import { variable } from "../terms/index.ts";
import type { Property, Subject } from "./subject.ts";
import { definitions, ensuredBy } from "./webAssembly.ts";

const [lower, upper] = [variable("lower", 64), variable("upper", 64)];

const properties: readonly Property[] = definitions.map((definition) => ({
  title: `${definition.name} ${definition.traps ? "computes or traps" : "computes"} as WebAssembly defines`,
  name: definition.name,
  functionName: `execute${definition.width}`,
  cases: [{ fixed: { opcode: definition.opcode }, ensures: ensuredBy(definition, lower, upper) }],
}));

const numeric32 = "step/Numeric32Instructions.sol";
const numeric64 = "step/Numeric64Instructions.sol";
const bits = "step/Bits.sol";

export const arithmetic: Subject = {
  contract: "ArithmeticProperties",
  deployment: "machine",
  properties,
  mutants: [
    {
      title: "a step of the halving looks at one bit too few",
      breaks: "i32.clz",
      variant: "second",
      file: bits,
      find: "if (x >> 2 != 0) (x, bits) = (x >> 2, bits + 2);",
      replace: "if (x >> 3 != 0) (x, bits) = (x >> 2, bits + 2);",
    },
    {
      title: "ones are summed with a wrong mask",
      breaks: "i64.popcnt",
      variant: "first",
      file: bits,
      find: "(x & 0x3333333333333333) +",
      replace: "(x & 0x3333333333333332) +",
    },
    {
      title: "the trailing zeros of 0 are 31",
      breaks: "i32.ctz",
      variant: "first",
      file: numeric32,
      find: "x == 0 ? 32 : Bits",
      replace: "x == 0 ? 31 : Bits",
    },
    {
      title: "less is taken for at most",
      breaks: "i32.lt_u",
      variant: "first",
      file: numeric32,
      find: "return x < y;",
      replace: "return x <= y;",
    },
    {
      title: "the signed comparison forgets the sign",
      breaks: "i64.ge_s",
      variant: "first",
      file: numeric64,
      find: "return xSigned >= ySigned;",
      replace: "return x >= y;",
    },
    {
      title: "the overflow of a division does not trap",
      breaks: "i32.div_s",
      variant: "first",
      file: numeric32,
      find: "y == type(uint32).max && x == 1 << 31",
      replace: "y == type(uint32).max && x == 1 << 30",
    },
    {
      title: "the overflow of a division does not trap",
      breaks: "i64.div_s",
      variant: "first",
      file: numeric64,
      find: "y == type(uint64).max && x == 1 << 63",
      replace: "y == type(uint64).max && x == 1 << 62",
    },
    {
      title: "i64.rem_u does not check for zero",
      breaks: "i64.rem_u",
      variant: "second",
      file: numeric64,
      find: "opcode <= Op.OP_I64_REM_U) {",
      replace: "opcode < Op.OP_I64_REM_U) {",
    },
    {
      title: "the remainder takes the dividend for unsigned",
      breaks: "i64.rem_s",
      variant: "first",
      file: numeric64,
      find: "uint64(int64(x) % int64(y))",
      replace: "x % y",
    },
    {
      title: "shift amounts count modulo 32",
      breaks: "i64.shl",
      variant: "second",
      file: numeric64,
      find: "uint64 by = y & 63;",
      replace: "uint64 by = y & 31;",
    },
    {
      title: "the arithmetic shift shifts zeros in",
      breaks: "i32.shr_s",
      variant: "first",
      file: numeric32,
      find: "uint32(int32(x) >> by)",
      replace: "x >> by",
    },
    {
      title: "the rotation loses a bit",
      breaks: "i64.rotl",
      variant: "first",
      file: numeric64,
      find: "(x << by) | (x >> (64 - by))",
      replace: "(x << by) | (x >> (65 - by))",
    },
    {
      title: "a byte is extended as if it had 7 bits",
      breaks: "i32.extend8_s",
      variant: "first",
      file: numeric32,
      find: "uint32(int32(int8(uint8(x))))",
      replace: "uint32(int32(int8(uint8(x << 1)) >> 1))",
    },
    {
      title: "the machine's byte order is lost",
      breaks: "i64.add",
      variant: "third",
      file: "step/LeafAccess.sol",
      find: "uint256 word = uint256(ByteOrder.reverse64(value)) << 192;",
      replace: "uint256 word = uint256(value) << 192;",
    },
  ],
};
