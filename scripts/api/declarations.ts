import { textOf } from "./names.ts";

/** What a declaration file says of one exported name. */
export interface Declaration {
  readonly kind: "function" | "class" | "constant" | "type";
  /** Of a function: its parameters and its result, as they are written. */
  readonly signature: string | undefined;
  /** Documentation, without what stands at `@param` and `@throws`; empty when there is none. */
  readonly about: string;
  /** Error codes and their conditions, as they stand at `@throws`. */
  readonly throws: string | undefined;
}

const kinds = {
  function: "function",
  class: "class",
  "abstract class": "class",
  const: "constant",
  interface: "type",
  type: "type",
} as const;

/**
 * Finds the declaration of a name in the text of a declaration file that the compiler has written: each begins on a line of its
 * own, with its documentation right above it.
 */
export function declarationOf(text: string, name: string): Declaration | undefined {
  const pattern = new RegExp(
    String.raw`((?:^|\n)/\*\*(?:(?!\*/).)*\*/\n)?(?:^|(?<=\n))export (?:declare )?(function|class|abstract class|const|interface|type) ${name}\b(.*)`,
    "s",
  );
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [, comment = "", word, rest] = found;
  const kind = kinds[word as keyof typeof kinds];
  const [about = "", ...tags] = textOf(comment.trim()).split(/\n?@(?=param|throws|returns)/);
  const throws = tags.find((tag) => tag.startsWith("throws"))?.replace(/^throws\s+(AssayError\s+)?/, "");
  return {
    kind,
    signature: kind === "function" ? `${name}${/^.*?;\n/s.exec(rest!)![0].replace(/;\n$/, "")}` : undefined,
    about: inOneLine(about),
    throws: throws === undefined ? undefined : inOneLine(throws),
  };
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
