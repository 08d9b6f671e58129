/** Every 32-bit instruction of RV64IMAFD, Zicsr, Zifencei and the privileged ISA that the emulator has: fixed bits, and how operands are written. */

/** How an instruction's operands stand in its bits, and in which order they are written. */
export type Form =
  | "none"
  /** rd, rs1, rs2; of float registers where a letter says so. */
  | "register"
  | "immediate"
  | "shift"
  | "load"
  | "store"
  | "branch"
  | "upper"
  | "jump"
  | "fence"
  | "sfence"
  | "csr"
  | "csrImmediate"
  | "atomic"
  | "reserve"
  /** Float operands: `d`, `1`, `2`, `3` are float registers, `D` and `A` integer ones. `exact`: a rounding mode that changes nothing. */
  | `${"float" | "rounded" | "exact"} ${string}`;

export interface Instruction {
  readonly name: string;
  readonly mask: number;
  readonly match: number;
  readonly form: Form;
}

const opcodeMask = 0x7f;
const funct3Mask = 0x707f;
const funct7Mask = 0xfe00707f;

const one = (name: string, mask: number, match: number, form: Form): Instruction => ({
  ...{ name, form },
  mask: mask >>> 0,
  match: match >>> 0,
});

/** Instructions whose funct3 counts up from 0; a dot leaves a number out. */
const counted = (names: string, form: Form, opcode: number, funct7?: number): Instruction[] =>
  names.split(" ").flatMap((name, funct3) => {
    if (name === ".") return [];
    const match = opcode | (funct3 << 12) | ((funct7 ?? 0) << 25);
    return [one(name, funct7 === undefined ? funct3Mask : funct7Mask, match, form)];
  });

const shifts = [
  one("slli", 0xfc00707f, 0x1013, "shift"),
  one("srli", 0xfc00707f, 0x5013, "shift"),
  one("srai", 0xfc00707f, 0x40005013, "shift"),
  one("slliw", funct7Mask, 0x101b, "shift"),
  one("srliw", funct7Mask, 0x501b, "shift"),
  one("sraiw", funct7Mask, 0x4000501b, "shift"),
];

const atomicFunctions: readonly (readonly [string, number])[] = [
  ["amoadd", 0x00],
  ["amoswap", 0x01],
  ["sc", 0x03],
  ["amoxor", 0x04],
  ["amoor", 0x08],
  ["amoand", 0x0c],
  ["amomin", 0x10],
  ["amomax", 0x14],
  ["amominu", 0x18],
  ["amomaxu", 0x1c],
];
const atomics = (["w", "d"] as const).flatMap((size, i) => {
  const at = (funct5: number) => 0x2f | ((2 + i) << 12) | (funct5 << 27);
  return [
    ...atomicFunctions.map(([name, funct5]) => one(`${name}.${size}`, 0xf800707f, at(funct5), "atomic")),
    one(`lr.${size}`, 0xf9f0707f, at(0x02), "reserve"),
  ];
});

const floats = (["s", "d"] as const).flatMap((size, format) => {
  const base = 0x53 | (format << 25);
  /** @param rs2 where it is part of the opcode. */
  const rounded = (name: string, funct5: number, operands: string, rs2?: number, isExact = false) => {
    const mask = rs2 === undefined ? 0xfe00007f : 0xfff0007f;
    const match = base | (funct5 << 27) | ((rs2 ?? 0) << 20);
    return one(name, mask, match, `${isExact ? "exact" : "rounded"} ${operands}`);
  };
  const fixed = (name: string, funct5: number, funct3: number, operands: string, rs2?: number) => {
    const mask = rs2 === undefined ? funct7Mask : 0xfff0707f;
    const match = base | (funct5 << 27) | (funct3 << 12) | ((rs2 ?? 0) << 20);
    return one(name, mask, match, `float ${operands}`);
  };
  const integers = ["w", "wu", "l", "lu"];
  return [
    ...["fadd", "fsub", "fmul", "fdiv"].map((name, i) => rounded(`${name}.${size}`, i, "d12")),
    rounded(`fsqrt.${size}`, 0x0b, "d1", 0),
    rounded(`fcvt.${size}.${format === 0 ? "d" : "s"}`, 0x08, "d1", 1 - format, format === 1),
    ...integers.map((kind, i) => rounded(`fcvt.${kind}.${size}`, 0x18, "D1", i)),
    ...integers.map((kind, i) => rounded(`fcvt.${size}.${kind}`, 0x1a, "dA", i, format === 1 && i < 2)),
    ...["fmadd", "fmsub", "fnmsub", "fnmadd"].map((name, i) =>
      one(`${name}.${size}`, 0x0600007f, (0x43 + 4 * i) | (format << 25), "rounded d123"),
    ),
    ...["fsgnj", "fsgnjn", "fsgnjx"].map((name, i) => fixed(`${name}.${size}`, 0x04, i, "d12")),
    ...["fmin", "fmax"].map((name, i) => fixed(`${name}.${size}`, 0x05, i, "d12")),
    ...["fle", "flt", "feq"].map((name, i) => fixed(`${name}.${size}`, 0x14, i, "D12")),
    fixed(`fmv.x.${format === 0 ? "w" : "d"}`, 0x1c, 0, "D1", 0),
    fixed(`fclass.${size}`, 0x1c, 1, "D1", 0),
    fixed(`fmv.${format === 0 ? "w" : "d"}.x`, 0x1e, 0, "dA", 0),
  ];
});

export const instructions: readonly Instruction[] = [
  one("lui", opcodeMask, 0x37, "upper"),
  one("auipc", opcodeMask, 0x17, "upper"),
  one("jal", opcodeMask, 0x6f, "jump"),
  one("jalr", funct3Mask, 0x67, "load"),
  ...counted("beq bne . . blt bge bltu bgeu", "branch", 0x63),
  ...counted("lb lh lw ld lbu lhu lwu", "load", 0x03),
  ...counted("sb sh sw sd", "store", 0x23),
  ...counted("addi . slti sltiu xori . ori andi", "immediate", 0x13),
  ...counted("addiw", "immediate", 0x1b),
  ...shifts,
  ...counted("add sll slt sltu xor srl or and", "register", 0x33, 0),
  ...counted("sub . . . . sra", "register", 0x33, 0x20),
  ...counted("mul mulh mulhsu mulhu div divu rem remu", "register", 0x33, 1),
  ...counted("addw sllw . . . srlw", "register", 0x3b, 0),
  ...counted("subw . . . . sraw", "register", 0x3b, 0x20),
  ...counted("mulw . . . divw divuw remw remuw", "register", 0x3b, 1),
  ...counted(". . flw fld", "load", 0x07),
  ...counted(". . fsw fsd", "store", 0x27),
  ...counted("fence", "fence", 0x0f),
  one("fence.i", funct3Mask, 0x100f, "none"),
  ...atomics,
  ...floats,
  one("ecall", 0xffffffff, 0x00000073, "none"),
  one("ebreak", 0xffffffff, 0x00100073, "none"),
  one("sret", 0xffffffff, 0x10200073, "none"),
  one("wfi", 0xffffffff, 0x10500073, "none"),
  one("mret", 0xffffffff, 0x30200073, "none"),
  one("sfence.vma", 0xfe007fff, 0x12000073, "sfence"),
  ...counted(". csrrw csrrs csrrc", "csr", 0x73),
  ...counted(". . . . . csrrwi csrrsi csrrci", "csrImmediate", 0x73),
];

/** The instruction of a 32-bit word; undefined for words that are none here. */
export function instructionOf(word: number): Instruction | undefined {
  const found = instructions.find(({ mask, match }) => (word & mask) >>> 0 === match);
  const rounding = (word >>> 12) & 7;
  // Two rounding modes are reserved.
  return /^(rounded|exact) /.test(found?.form ?? "") && (rounding === 5 || rounding === 6) ? undefined : found;
}
