/**
 * Text modules with a few functions, globals or types that use reference types, or with a second table: these are replaced or
 * left out, so that the rest of the module is not lost. Functions become `unreachable` with a mark behind it.
 */
import { type List, parseExpressions, type SExpression } from "./sExpression.ts";

/** A constant in the dead code of every function replaced here. */
export const replacedMark = 0x5ef_5ef5;

const references = /^(externref|funcref|ref\..*|table\.(get|set|grow|size|fill))$/;

export function withinProfile(module: Uint8Array): Uint8Array {
  const text = Buffer.from(module).toString("latin1");
  const [list] = parseExpressions(text);
  if (list?.kind !== "list") return module;
  const fields = list.items.filter((item): item is List => item.kind === "list");
  const tables = fields.filter(
    (field) => kindOf(field) === "table" && !mentions(field, (atom) => atom === "externref"),
  );
  const laterTables = new Set(tables.slice(1).map(idOf));
  let replaced = "";
  let at = 0;
  for (const field of fields) {
    const beyond =
      kindOf(field) === "table"
        ? field !== tables[0]
        : mentions(field, (atom) => references.test(atom) || laterTables.has(atom));
    const replacement = beyond ? replacementOf(field, text) : undefined;
    if (replacement === undefined) continue;
    replaced += text.slice(at, field.start) + replacement;
    at = field.end;
  }
  return new Uint8Array(Buffer.from(replaced + text.slice(at), "latin1"));
}

function mentions(expression: SExpression, matches: (atom: string) => boolean): boolean {
  if (expression.kind === "list") return expression.items.some((item) => mentions(item, matches));
  return expression.kind === "atom" && matches(expression.text);
}

function kindOf(field: List): string {
  const [head] = field.items;
  return head?.kind === "atom" ? head.text : "";
}

function idOf(field: List): string {
  const [, second] = field.items;
  return second?.kind === "atom" && second.text.startsWith("$") ? second.text : "";
}

/** Undefined: the field stays as it is. */
function replacementOf(field: List, text: string): string | undefined {
  const exports = field.items
    .filter((item): item is List => item.kind === "list" && kindOf(item) === "export")
    .map(({ start, end }) => text.slice(start, end))
    .join(" ");
  const begin = `(${kindOf(field)} ${idOf(field)} ${exports}`;
  switch (kindOf(field)) {
    case "func":
      return `${begin} (unreachable) (drop (i32.const ${replacedMark})))`;
    case "global":
      return `${begin} i32 (i32.const 0))`;
    case "type":
      return `${begin} (func (param ${"i32 ".repeat(30)})))`;
    case "table":
      return "";
    case "elem":
    case "export":
      return field.items.some((item) => mentions(item, (atom) => references.test(atom))) ? undefined : "";
    default:
      return undefined;
  }
}
