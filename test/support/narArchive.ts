/** What is to be in a Nix archive: a file, an executable one, a link, or a folder. */
export type NarNode = string | { readonly run: string } | { readonly link: string } | Map<string, NarNode>;

/** A Nix archive of a tree; names and their order are written as they are. */
export function narOf(node: NarNode): Buffer {
  return Buffer.concat([text("nix-archive-1"), encode(node)]);
}

function encode(node: NarNode): Buffer {
  if (node instanceof Map) {
    const entries = [...node].map(([name, inner]) => {
      return Buffer.concat([...["entry", "(", "name", name, "node"].map(text), encode(inner), text(")")]);
    });
    return Buffer.concat([...["(", "type", "directory"].map(text), ...entries, text(")")]);
  }
  if (typeof node === "string") return words("(", "type", "regular", "contents", node, ")");
  if ("run" in node) return words("(", "type", "regular", "executable", "", "contents", node.run, ")");
  return words("(", "type", "symlink", "target", node.link, ")");
}

function words(...all: readonly string[]): Buffer {
  return Buffer.concat(all.map(text));
}

function text(word: string): Buffer {
  const bytes = Buffer.from(word);
  const padded = Buffer.alloc(8 + Math.ceil(bytes.length / 8) * 8);
  padded.writeBigUInt64LE(BigInt(bytes.length));
  bytes.copy(padded, 8);
  return padded;
}
