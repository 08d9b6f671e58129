/** Every 32-bit instruction of RV64IMAFD, Zicsr, Zifencei and the privileged ISA: its fixed bits, and what it decodes to. */
export interface Encoding {
  readonly name: string;
  readonly match: number;
  readonly mask: number;
  /** Name in `assembly/operations.ts`. */
  readonly operation: string;
  /** funct3 is a rounding mode, of which 5 and 6 are reserved. */
  readonly rounds?: boolean;
}

const I = 0x707f;
const R = 0xfe00707f;

const encoding = (name: string, mask: number, match: number, operation = name.toUpperCase()): Encoding => ({
  name,
  match: match >>> 0,
  mask: mask >>> 0,
  operation,
});
/** Instructions whose funct3 counts up from 0; a dot leaves a number out. */
const numbered = (names: string, opcode: number, operation?: string) =>
  names
    .split(" ")
    .flatMap((name, funct3) => (name === "." ? [] : [encoding(name, I, opcode | (funct3 << 12), operation)]));
const register = (names: string, opcode: number, funct7: number) =>
  names
    .split(" ")
    .flatMap((name, funct3) => (name === "." ? [] : [encoding(name, R, opcode | (funct3 << 12) | (funct7 << 25))]));

const shifts = [
  ...(["slli", "srli", "srai"] as const).map((name, i) =>
    encoding(name, 0xfc00707f, 0x13 | ([1, 5, 5][i]! << 12) | (i === 2 ? 0x40000000 : 0)),
  ),
  ...(["slliw", "srliw", "sraiw"] as const).map((name, i) =>
    encoding(name, R, 0x1b | ([1, 5, 5][i]! << 12) | (i === 2 ? 0x40000000 : 0)),
  ),
];

const atomicNames: readonly (readonly [string, number])[] = [
  ...(["amoadd", "amoswap"] as const).map((name, i) => [name, i] as const),
  ...(["amoxor", "amoor", "amoand", "amomin", "amomax", "amominu", "amomaxu"] as const).map(
    (name, i) => [name, 4 + 4 * i] as const,
  ),
  ["sc", 3],
];
const atomics = (["w", "d"] as const).flatMap((suffix, i) => [
  ...atomicNames.map(([name, funct5]) =>
    encoding(`${name}.${suffix}`, 0xf800707f, 0x2f | ((2 + i) << 12) | (funct5 << 27), "ATOMIC"),
  ),
  encoding(`lr.${suffix}`, 0xf9f0707f, 0x2f | ((2 + i) << 12) | (2 << 27), "ATOMIC"),
]);

const floats = (["s", "d"] as const).flatMap((suffix, format) => {
  const rounded = (name: string, funct5: number, rs2?: number): Encoding => ({
    ...encoding(
      name,
      rs2 === undefined ? 0xfe00007f : 0xfff0007f,
      0x53 | (format << 25) | (funct5 << 27) | ((rs2 ?? 0) << 20),
      "FLOAT",
    ),
    rounds: true,
  });
  const fixed = (name: string, funct5: number, funct3: number, rs2?: number) =>
    encoding(
      name,
      rs2 === undefined ? R : 0xfff0707f,
      0x53 | (format << 25) | (funct5 << 27) | (funct3 << 12) | ((rs2 ?? 0) << 20),
      "FLOAT",
    );
  const integers = ["w", "wu", "l", "lu"];
  return [
    ...["fadd", "fsub", "fmul", "fdiv"].map((name, i) => rounded(`${name}.${suffix}`, i)),
    rounded(`fsqrt.${suffix}`, 0x0b, 0),
    rounded(`fcvt.${suffix}.${format === 0 ? "d" : "s"}`, 8, 1 - format),
    ...integers.map((kind, i) => rounded(`fcvt.${kind}.${suffix}`, 0x18, i)),
    ...integers.map((kind, i) => rounded(`fcvt.${suffix}.${kind}`, 0x1a, i)),
    ...["fmadd", "fmsub", "fnmsub", "fnmadd"].map(
      (name, i): Encoding => ({
        ...encoding(`${name}.${suffix}`, 0x0600007f, (0x43 + 4 * i) | (format << 25), "FLOAT"),
        rounds: true,
      }),
    ),
    ...["fsgnj", "fsgnjn", "fsgnjx"].map((name, i) => fixed(`${name}.${suffix}`, 4, i)),
    ...["fmin", "fmax"].map((name, i) => fixed(`${name}.${suffix}`, 5, i)),
    ...["fle", "flt", "feq"].map((name, i) => fixed(`${name}.${suffix}`, 0x14, i)),
    fixed(`fmv.x.${suffix}`, 0x1c, 0, 0),
    fixed(`fclass.${suffix}`, 0x1c, 1, 0),
    fixed(`fmv.${suffix}.x`, 0x1e, 0, 0),
  ];
});

const exact = (name: string, word: number) => encoding(name, 0xffffffff, word, "SYSTEM");

export const encodings: readonly Encoding[] = [
  encoding("lui", 0x7f, 0x37, "ADDI"),
  encoding("auipc", 0x7f, 0x17),
  encoding("jal", 0x7f, 0x6f),
  encoding("jalr", I, 0x67),
  ...numbered("beq bne . . blt bge bltu bgeu", 0x63),
  ...numbered("lb lh lw ld lbu lhu lwu", 0x03),
  ...numbered("sb sh sw sd", 0x23),
  ...numbered("addi . slti sltiu xori . ori andi", 0x13),
  ...numbered("addiw", 0x1b),
  ...shifts,
  ...register("add sll slt sltu xor srl or and", 0x33, 0),
  ...register("sub . . . . sra", 0x33, 0x20),
  ...register("mul mulh mulhsu mulhu div divu rem remu", 0x33, 1),
  ...register("addw sllw . . . srlw", 0x3b, 0),
  ...register("subw . . . . sraw", 0x3b, 0x20),
  ...register("mulw . . . divw divuw remw remuw", 0x3b, 1),
  ...numbered(". . flw fld", 0x07),
  ...numbered(". . fsw fsd", 0x27),
  ...numbered("fence", 0x0f, "ADDI"),
  encoding("fence.i", I, 0x100f, "SYSTEM"),
  ...atomics,
  ...floats,
  exact("ecall", 0x73),
  exact("ebreak", 0x00100073),
  exact("sret", 0x10200073),
  exact("wfi", 0x10500073),
  exact("mret", 0x30200073),
  encoding("sfence.vma", 0xfe007fff, 0x12000073, "SYSTEM"),
  ...numbered(". csrrw csrrs csrrc . csrrwi csrrsi csrrci", 0x73, "SYSTEM"),
];

/** The instruction that a word is, if it is one; which CSRs exist is another matter. */
export function encodingOf(word: number): Encoding | undefined {
  const found = encodings.find(({ mask, match }) => (word & mask) >>> 0 === match);
  const rounding = (word >>> 12) & 7;
  return found?.rounds === true && (rounding === 5 || rounding === 6) ? undefined : found;
}
