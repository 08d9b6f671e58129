/** One small change to a source file that some test should notice. */
export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Replaces one operator by another that a slip of the pen could have put there. */
const swaps: readonly (readonly [RegExp, string])[] = [
  [/ <= /g, " < "],
  [/ < /g, " <= "],
  [/ >= /g, " > "],
  [/ > /g, " >= "],
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ == /g, " != "],
  [/ != /g, " == "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ << /g, " >> "],
  [/ >> /g, " << "],
  [/\+\+/g, "--"],
  [/--(?=[\w.\]])|(?<=[\w\]])--/g, "++"],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/\bMath\.max\(/g, "Math.min("],
  [/(?<![\w.])0(?![\w.])/g, "1"],
  [/(?<![\w.])1(?![\w.])/g, "0"],
];

/** Statements whose whole line can be left out: guards, and what is written or told. */
const removable =
  /^\s*(if \(.*\) (revert|return|throw|continue)\b.*;|emit .*;|delete .*;|require\w*\(.*\);|\w+(\.\w+)* (\+|-)?= .*;)$/;

/** Every mutant of a file's code; comments, imports, types and tables of names are left alone. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const mutants: Mutant[] = [];
  for (const [i, before] of text.split("\n").entries()) {
    if (!isCode(before)) continue;
    const add = (after: string) => mutants.push({ file, line: i + 1, before, after });
    if (removable.test(before)) add("");
    for (const [pattern, replacement] of swaps) {
      for (const { index, 0: found } of before.matchAll(pattern)) {
        if (isInString(before, index)) continue;
        add(before.slice(0, index) + replacement + before.slice(index + found.length));
      }
    }
  }
  return mutants;
}

function isCode(line: string): boolean {
  const text = line.trim();
  if (text === "" || /^(\/\/|\/?\*|import\b|export (type|interface)\b|pragma\b|using\b|error\b|event\b)/.test(text)) {
    return false;
  }
  // Declarations of types and constants of names have operators that mean something else.
  return !/^(readonly |type |interface |enum |\| )/.test(text) && !/=> (void|Promise)/.test(text);
}

function isInString(line: string, at: number): boolean {
  const quotes = line.slice(0, at).match(/(?<!\\)["`]/g)?.length ?? 0;
  return quotes % 2 === 1;
}
