import { isAssayError } from "../core/errors.ts";
import { badArchive, checkAmount } from "./errors.ts";
import { mostTreeEntries } from "./limits.ts";
import { quoted, type Unpacked } from "./unpack.ts";

/** Folders within each other. */
const mostDepth = 256;

/**
 * What a Nix archive holds, by paths below the store path, which is the empty one. It has one encoding of each tree: anything else is
 * refused.
 * @throws AssayError `dependencies/bad-archive`, `dependencies/too-large`
 */
export function unpackNar(title: string, bytes: Uint8Array): Map<string, Unpacked> {
  const entries = new Map<string, Unpacked>();
  try {
    const reader = new NarReader(title, bytes);
    reader.expect("nix-archive-1");
    node(reader, "", 0, entries);
    reader.end();
  } catch (cause) {
    throw isAssayError(cause) ? cause : badArchive(title, "is damaged", cause);
  }
  return entries;
}

function node(reader: NarReader, path: string, depth: number, entries: Map<string, Unpacked>): void {
  if (depth > mostDepth) throw reader.refuse(`has more than ${mostDepth} folders within each other`);
  checkAmount("files in an archive", entries.size, mostTreeEntries);
  reader.expect("(", "type");
  const type = reader.text();
  if (type === "regular") {
    let word = reader.text();
    const kind = word === "executable" ? "executable" : "file";
    if (kind === "executable") {
      reader.expect("");
      word = reader.text();
    }
    if (word !== "contents") throw reader.refuse("has a file without contents");
    entries.set(path, { kind, content: reader.bytes() });
    return reader.expect(")");
  }
  if (type === "symlink") {
    reader.expect("target");
    const content = reader.bytes();
    if (content.length === 0 || content.length > 4095 || content.includes(0))
      throw reader.refuse("has a link to nowhere");
    entries.set(path, { kind: "symlink", content });
    return reader.expect(")");
  }
  if (type !== "directory") throw reader.refuse(`holds something of the type ${quoted(type)}`);
  folder(reader, path, depth, entries);
}

function folder(reader: NarReader, path: string, depth: number, entries: Map<string, Unpacked>): void {
  let before: string | undefined;
  for (;;) {
    const word = reader.text();
    if (word === ")") break;
    if (word !== "entry") throw reader.refuse("has a folder with something else than entries");
    reader.expect("(", "name");
    const name = reader.text();
    if (/^(\.{0,2}|.*[/\0].*)$/s.test(name) || name.length > 255) throw reader.refuse(`holds the name ${quoted(name)}`);
    if (before !== undefined && before >= name) throw reader.refuse("has names that are not in order");
    before = name;
    reader.expect("node");
    node(reader, path === "" ? name : `${path}/${name}`, depth + 1, entries);
    reader.expect(")");
  }
  if (before === undefined) entries.set(path, { kind: "directory", content: new Uint8Array(0) });
}

/** Strings with their lengths in front of them, padded to 8 bytes with zeros. */
class NarReader {
  private at = 0;
  private readonly view: DataView;

  constructor(
    private readonly title: string,
    private readonly source: Uint8Array,
  ) {
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  bytes(): Uint8Array {
    const length = this.view.getBigUint64(this.at, true);
    const start = this.at + 8;
    if (length > BigInt(this.source.length - start)) throw this.refuse("is cut off");
    const end = start + Number(length);
    this.at = Math.ceil(end / 8) * 8;
    if (this.at > this.source.length) throw this.refuse("is cut off");
    if (this.source.subarray(end, this.at).some((byte) => byte !== 0))
      throw this.refuse("has padding that is not zero");
    return this.source.subarray(start, end);
  }

  text(): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes());
  }

  expect(...words: readonly string[]): void {
    for (const word of words) {
      const given = this.text();
      if (given !== word) throw this.refuse(`has ${quoted(given)} where ${quoted(word)} should be`);
    }
  }

  end(): void {
    if (this.at !== this.source.length) throw this.refuse("has something behind its end");
  }

  refuse(why: string) {
    return badArchive(this.title, why);
  }
}
