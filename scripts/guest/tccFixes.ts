/** What tcc of 2020 does wrong on RISC-V, set right in its source: text that stands there once, and what replaces it. */
interface Fix {
  readonly from: string;
  readonly to: string;
}

/** In `riscv64-gen.c`. */
const fixes: readonly Fix[] = [
  // The difference of two pointers has a sign (lua's tables went wrong without).
  { from: "    case TOK_PDIV:\n    case TOK_UDIV:\n", to: "    case TOK_UDIV:\n" },
  { from: "    case '/':\n        ER(0x33 | ll", to: "    case '/':\n    case TOK_PDIV:\n        ER(0x33 | ll" },
  // A structure that is returned in an integer and a float register may lie anywhere (zstd's benchmark could not be compiled).
  {
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
];

/** The source of tcc's generator of RISC-V code with all of them. @throws where it is not the one that they are for */
export function fixRiscvGenerator(source: string): string {
  return fixes.reduce((text, { from, to }) => {
    const [before, after, ...more] = text.split(from);
    if (after === undefined || more.length > 0) throw new Error("this is another tcc than the one that is to be fixed");
    return `${before}${to}${after}`;
  }, source);
}
