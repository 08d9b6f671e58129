import { type List, parseExpressions, type SExpression } from "./sExpression.ts";

/** Where a module of a script comes from. */
export type ModuleSource =
  | { readonly kind: "text"; readonly text: Uint8Array }
  | { readonly kind: "binary"; readonly bytes: Uint8Array }
  | { readonly kind: "quote"; readonly text: Uint8Array };

export interface IntegerValue {
  readonly type: "i32" | "i64";
  readonly bits: bigint;
}

/** A number as 64 bits; floats only as a JavaScript number; `reference` for what is not a number. */
export type Value =
  | IntegerValue
  | { readonly type: "f32" | "f64"; readonly number: number }
  | { readonly type: "reference"; readonly isNull: boolean };

export interface Action {
  readonly kind: "invoke" | "get";
  /** Name of the module, if it is not the last one. */
  readonly module: string | undefined;
  readonly name: string;
  readonly values: readonly Value[];
}

export type Command = { readonly line: number } & (
  | { readonly kind: "module"; readonly id: string | undefined; readonly source: ModuleSource }
  | { readonly kind: "register"; readonly name: string; readonly module: string | undefined }
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "assert_return"; readonly action: Action; readonly expected: readonly Value[] }
  | { readonly kind: "assert_trap"; readonly action: Action; readonly message: string }
  | { readonly kind: "assert_module_trap"; readonly source: ModuleSource; readonly message: string }
  | { readonly kind: "assert_exhaustion" }
  | { readonly kind: "assert_unlinkable" }
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "assert_invalid" | "assert_malformed"; readonly source: ModuleSource; readonly message: string }
);

/** The commands of a `.wast` file; a file of bare module fields is one module. */
export function parseScript(file: Uint8Array): Command[] {
  const text = Buffer.from(file).toString("latin1");
  const lists = parseExpressions(text).filter((expression): expression is List => expression.kind === "list");
  const bareFields = lists.length > 0 && lists.every((list) => moduleFields.has(head(list)));
  if (bareFields) return [{ kind: "module", line: 1, id: undefined, source: { kind: "text", text: file } }];
  const lineOf = lineCounter(text);
  return lists.map((list) => parseCommand(file, list, lineOf(list.start)));
}

const moduleFields = new Set("type import func table memory global export start elem data".split(" "));

/** For ascending offsets only. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) if (text[at] === "\n") line++;
    return line;
  };
}

function parseCommand(file: Uint8Array, list: List, line: number): Command {
  const kind = head(list);
  const { items } = list;
  switch (kind) {
    case "module":
      if (items.some((item) => item.kind === "atom" && /^(definition|instance)$/.test(item.text))) break;
      return { kind, line, id: optionalId(items[1]), source: moduleSource(file, list) };
    case "register":
      return { kind, line, name: textOf(items[1]), module: optionalId(items[2]) };
    case "invoke":
    case "get":
      return { kind: "action", line, action: parseAction(list) };
    case "assert_return":
      return { kind, line, action: parseAction(items[1]), expected: items.slice(2).map(parseValue) };
    case "assert_trap": {
      const message = textOf(items[2]);
      const inner = asList(items[1]);
      if (head(inner) !== "module") return { kind, line, action: parseAction(inner), message };
      return { kind: "assert_module_trap", line, source: moduleSource(file, inner), message };
    }
    case "assert_exhaustion":
    case "assert_unlinkable":
      return { kind, line };
    case "assert_invalid":
    case "assert_malformed":
      return { kind, line, source: moduleSource(file, asList(items[1])), message: textOf(items[2]) };
  }
  return { kind: "unknown", line, name: kind };
}

function moduleSource(file: Uint8Array, list: List): ModuleSource {
  const rest = list.items.slice(optionalId(list.items[1]) === undefined ? 1 : 2);
  const [first] = rest;
  if (first?.kind === "atom" && (first.text === "binary" || first.text === "quote")) {
    const bytes = new Uint8Array(Buffer.concat(rest.slice(1).map(bytesOf)));
    return first.text === "binary" ? { kind: "binary", bytes } : { kind: "quote", text: bytes };
  }
  return { kind: "text", text: file.subarray(list.start, list.end) };
}

function parseAction(expression: SExpression | undefined): Action {
  const list = asList(expression);
  const kind = head(list);
  if (kind !== "invoke" && kind !== "get") throw new SyntaxError(`unknown action ${kind}`);
  const module = optionalId(list.items[1]);
  const rest = list.items.slice(module === undefined ? 1 : 2);
  return { kind, module, name: textOf(rest[0]), values: rest.slice(1).map(parseValue) };
}

function parseValue(expression: SExpression): Value {
  const list = asList(expression);
  const type = head(list).slice(0, 3);
  const literal = list.items[1]?.kind === "atom" ? list.items[1].text : "";
  if (type === "i32" || type === "i64") {
    return { type, bits: BigInt.asUintN(type === "i32" ? 32 : 64, parseInteger(literal)) };
  }
  if (type === "f32" || type === "f64") return { type, number: parseFloatLiteral(literal) };
  return { type: "reference", isNull: head(list) === "ref.null" };
}

function parseInteger(literal: string): bigint {
  const digits = literal.replaceAll("_", "").replace(/^[+-]/, "");
  const magnitude = BigInt(digits);
  return literal.startsWith("-") ? -magnitude : magnitude;
}

/** Payloads of NaNs are lost: float results are not compared here, only passed along. */
function parseFloatLiteral(literal: string): number {
  const digits = literal.replaceAll("_", "").replace(/^[+-]/, "");
  const hexadecimal = /^0x([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?\d+))?$/.exec(digits);
  let magnitude = digits === "inf" ? Number.POSITIVE_INFINITY : Number(digits);
  if (hexadecimal !== null) {
    const [, whole = "", fraction = "", exponent = "0"] = hexadecimal;
    magnitude = Number.parseInt(whole + fraction || "0", 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  }
  return literal.startsWith("-") ? -magnitude : magnitude;
}

function head(list: List): string {
  const [first] = list.items;
  return first?.kind === "atom" ? first.text : "";
}

function asList(expression: SExpression | undefined): List {
  if (expression?.kind !== "list") throw new SyntaxError(`expected a list at offset ${expression?.start}`);
  return expression;
}

function optionalId(expression: SExpression | undefined): string | undefined {
  return expression?.kind === "atom" && expression.text.startsWith("$") ? expression.text : undefined;
}

function bytesOf(expression: SExpression | undefined): Uint8Array {
  if (expression?.kind !== "text") throw new SyntaxError(`expected a string at offset ${expression?.start}`);
  return expression.bytes;
}

function textOf(expression: SExpression | undefined): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(expression));
}
