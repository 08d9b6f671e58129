/** Writes what `nix-store --export` writes, as Nix's manual has the format. */
export interface NixPath {
  readonly path: string;
  readonly references?: readonly string[];
  readonly content: NixNode;
}

export type NixNode =
  | { readonly kind: "file"; readonly text: string; readonly executable?: boolean }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "folder"; readonly entries: readonly (readonly [name: string, node: NixNode])[] };

export function nixNumber(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function nixWord(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([nixNumber(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

function words(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map(nixWord));
}

function node(value: NixNode): Buffer {
  if (value.kind === "link") return words("(", "type", "symlink", "target", value.target, ")");
  if (value.kind === "file") {
    const executable = value.executable ? ["executable", ""] : [];
    return words("(", "type", "regular", ...executable, "contents", value.text, ")");
  }
  const entries = value.entries.map(([name, each]) =>
    Buffer.concat([words("entry", "(", "name", name, "node"), node(each), words(")")]),
  );
  return Buffer.concat([words("(", "type", "directory"), ...entries, words(")")]);
}

export function nixExport(paths: readonly NixPath[]): Buffer {
  const parts = paths.map(({ path, references = [], content }) =>
    Buffer.concat([
      ...[nixNumber(1), words("nix-archive-1"), node(content), nixNumber(0x4558494e), nixWord(path)],
      ...[nixNumber(references.length), words(...references), nixWord(""), nixNumber(0)],
    ]),
  );
  return Buffer.concat([...parts, nixNumber(0)]);
}
