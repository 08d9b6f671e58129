/** What tcc of 2020 does wrong on RISC-V, set right in its source: text that stands once in a file, and what replaces it. */
interface Fix {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const generator = "riscv64-gen.c";

export const tccFixes: readonly Fix[] = [
  // The difference of two pointers has a sign.
  { file: generator, from: "    case TOK_PDIV:\n    case TOK_UDIV:\n", to: "    case TOK_UDIV:\n" },
  {
    file: generator,
    from: "    case '/':\n        ER(0x33 | ll",
    to: "    case '/':\n    case TOK_PDIV:\n        ER(0x33 | ll",
  },
  // A structure that is returned in an integer and a float register may lie anywhere.
  {
    file: generator,
    from: "    assert(vtop->r == (VT_LOCAL | VT_LVAL));\n",
    to: `    if (vtop->r != (VT_LOCAL | VT_LVAL)) {
        CType type = vtop->type;
        int align, at = loc = (loc - type_size(&type, &align)) & -8;
        vset(&type, VT_LOCAL | VT_LVAL, at);
        vswap();
        vstore();
        vpop();
        vset(&type, VT_LOCAL | VT_LVAL, at);
    }
`,
  },
  // An address for a float is not loaded into the integer register of the float's number, which may hold an argument.
  {
    file: generator,
    from: "            EI(0x03, 3, rr, br, fc); // ld RR, fc(BR)\n            br = rr;\n",
    to: "            EI(0x03, 3, is_freg(r) ? 5 : rr, br, fc);\n            br = is_freg(r) ? 5 : rr;\n",
  },
  // Whether a float is not zero is known in a register after its comparison, not by a constant.
  {
    file: "tccgen.c",
    from: "        if (vtop->r != VT_CMP) /* must be VT_CONST then */\n            vset_VT_CMP(vtop->c.i != 0);\n",
    to: `        if (vtop->r == VT_CONST) {
            vset_VT_CMP(vtop->c.i != 0);
        } else if (vtop->r != VT_CMP) {
            vpushi(0);
            gen_op(TOK_NE);
        }
`,
  },
];

/** A source with one of them. @throws where it is not the one that they are for */
export function applyFix(source: string, { file, from, to }: Fix): string {
  const [before, after, ...more] = source.split(from);
  if (after === undefined || more.length > 0)
    throw new Error(`${file} is another one than the one that is to be fixed`);
  return `${before}${to}${after}`;
}
