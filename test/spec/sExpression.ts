/**
 * Reads the S-expressions of a test script. The text is taken as Latin-1, one character for each byte, so that positions are
 * byte offsets and strings keep bytes that are no UTF-8.
 */
export type SExpression = List | Atom | Text;

interface Placed {
  readonly start: number;
  readonly end: number;
}

export interface List extends Placed {
  readonly kind: "list";
  readonly items: readonly SExpression[];
}

export interface Atom extends Placed {
  readonly kind: "atom";
  readonly text: string;
}

export interface Text extends Placed {
  readonly kind: "text";
  readonly bytes: Uint8Array;
}

const token = /\s+|;;[^\n]*|\(;|[()]|"(?:[^"\\]|\\[\s\S])*"|[^\s()";]+|;/y;

/** All expressions of a script. @throws SyntaxError where the text is no S-expression */
export function parseExpressions(text: string): SExpression[] {
  const open: { start: number; items: SExpression[] }[] = [{ start: 0, items: [] }];
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) throw new SyntaxError(`no S-expression at offset ${at}`);
    const start = at;
    at += found.length;
    if (found === "(;") at = afterBlockComment(text, at);
    else if (found === "(") open.push({ start, items: [] });
    else if (found === ")") {
      const { start: begin, items } = open.pop()!;
      if (open.length === 0) throw new SyntaxError(`nothing to close at offset ${start}`);
      open[open.length - 1]!.items.push({ kind: "list", items, start: begin, end: at });
    } else if (found[0] === '"') {
      open[open.length - 1]!.items.push({ kind: "text", bytes: stringBytes(found), start, end: at });
    } else if (found.trim() !== "" && !found.startsWith(";;")) {
      open[open.length - 1]!.items.push({ kind: "atom", text: found, start, end: at });
    }
  }
  if (open.length > 1) throw new SyntaxError(`nothing closes the list at offset ${open.pop()!.start}`);
  return open[0]!.items;
}

function afterBlockComment(text: string, from: number): number {
  const mark = /\(;|;\)/g;
  mark.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(text);
    if (found === null) throw new SyntaxError(`nothing closes the comment before offset ${from}`);
    depth += found[0] === "(;" ? 1 : -1;
  }
  return mark.lastIndex;
}

const simpleEscapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '"': 34, "'": 39, "\\": 92 };

function stringBytes(quoted: string): Uint8Array {
  const bytes: number[] = [];
  const pieces = /\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\(.)|([^\\])/gs;
  for (const [, codePoint, hex, simple, plain] of quoted.slice(1, -1).matchAll(pieces)) {
    if (plain !== undefined) bytes.push(plain.charCodeAt(0));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (simple !== undefined) bytes.push(simpleEscapes[simple]!);
    else
      bytes.push(
        ...new TextEncoder().encode(String.fromCodePoint(Number.parseInt(codePoint!.replaceAll("_", ""), 16))),
      );
  }
  return Uint8Array.from(bytes);
}
