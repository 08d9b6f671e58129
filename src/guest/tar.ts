/**
 * A source tree as a tar archive (POSIX ustar; names beyond 100 bytes as GNU long names, which busybox reads): owner root,
 * one time for everything, entries in the order of their paths' bytes. Directories exist through the paths.
 */
import { concatBytes } from "../core/bytes.ts";
import { checkTree } from "../source/checkTree.ts";
import type { Entry, SourceTree } from "../source/source.ts";

const blockBytes = 512;
const utf8 = new TextEncoder();
const typeFlags = { file: "0", executable: "0", symlink: "2", longName: "L", longLink: "K" } as const;

/**
 * The archive, with its two blocks of zeros at the end.
 * @throws AssayError one of the `source/...` codes about trees
 */
export function encodeTar(tree: SourceTree): Uint8Array {
  const parts = checkTree(tree).flatMap((entry) => encodeEntry(entry, entry.pathBytes, tree.time));
  return concatBytes(...parts, new Uint8Array(2 * blockBytes));
}

function encodeEntry({ kind, content }: Entry, path: Uint8Array, time: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const isLink = kind === "symlink";
  if (isLink && content.length > 100) parts.push(...longText(typeFlags.longLink, content));
  if (path.length > 100) parts.push(...longText(typeFlags.longName, path));
  parts.push(
    header({
      name: path,
      mode: kind === "file" ? 0o644 : kind === "executable" ? 0o755 : 0o777,
      size: isLink ? 0 : content.length,
      time,
      typeFlag: typeFlags[kind],
      link: isLink ? content : new Uint8Array(0),
    }),
  );
  if (!isLink) parts.push(blocks(content));
  return parts;
}

function longText(typeFlag: string, text: Uint8Array): Uint8Array[] {
  const content = concatBytes(text, Uint8Array.of(0));
  const name = utf8.encode("././@LongLink");
  return [
    header({ name, mode: 0o644, size: content.length, time: 0, typeFlag, link: new Uint8Array(0) }),
    blocks(content),
  ];
}

interface HeaderFields {
  readonly name: Uint8Array;
  readonly mode: number;
  readonly size: number;
  readonly time: number;
  readonly typeFlag: string;
  readonly link: Uint8Array;
}

/** One header block; name and link are cut to 100 bytes. */
function header({ name, mode, size, time, typeFlag, link }: HeaderFields): Uint8Array {
  const block = new Uint8Array(blockBytes);
  const octal = (at: number, digits: number, value: number) =>
    block.set(utf8.encode(value.toString(8).padStart(digits, "0")), at);
  block.set(name.subarray(0, 100), 0);
  octal(100, 7, mode);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, size);
  octal(136, 11, time);
  block.fill(0x20, 148, 156);
  block.set(utf8.encode(typeFlag), 156);
  block.set(link.subarray(0, 100), 157);
  block.set(utf8.encode("ustar\u000000"), 257);
  block.set(utf8.encode("root"), 265);
  block.set(utf8.encode("root"), 297);
  // Six digits, a zero byte, and the space that is there already.
  octal(
    148,
    6,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  block[154] = 0;
  return block;
}

/** The content filled up to whole blocks. */
function blocks(content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(content.length / blockBytes) * blockBytes);
  whole.set(content);
  return whole;
}
