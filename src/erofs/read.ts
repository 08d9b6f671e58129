import { equalBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { type ByteText, pathOf } from "./byteText.ts";
import { contentBytes, type ErofsEntry, type ReadyContent } from "./entry.ts";
import { decodeDevice, kinds, limits } from "./format.ts";
import { readDirectory } from "./readDirectory.ts";
import { type ReadInode, readInode } from "./readInode.ts";
import { malformed, readSuperblock } from "./readSuperblock.ts";
import { ErofsWriter } from "./writer.ts";

/** An image that was read. */
export interface ErofsImage {
  /** The image's modification time, seconds since 1970. */
  readonly time: number;
  /**
   * All paths, the root and every folder among them, in the image's order and with all attributes. Contents are views of the image's
   * bytes. Paths are texts where they are UTF-8, else bytes.
   */
  readonly entries: readonly ErofsEntry<ReadyContent>[];
}

/**
 * Reads an image without compression: those that `ErofsWriter` makes, and those of other tools that use nothing more. Everything is
 * checked: whatever the bytes, the work and the answer's size are bounded by their number.
 * @param bytes the image and nothing else.
 * @param exact refuses what is not, byte for byte, the image that `ErofsWriter` makes of these entries.
 * @throws AssayError `erofs/malformed`, `erofs/not-canonical`
 */
export function readErofs(bytes: Uint8Array, { exact = false }: { readonly exact?: boolean } = {}): ErofsImage {
  const entries = [...new ImageReader(bytes).entries()];
  const { time } = readSuperblock(bytes);
  if (exact && !isImageOf(bytes, new ErofsWriter(entries, { time }))) {
    throw new AssayError("erofs/not-canonical", "the image is not the one that its own files make: write it anew");
  }
  return { time, entries };
}

function isImageOf(bytes: Uint8Array, writer: ErofsWriter): boolean {
  if (writer.size !== bytes.length) return false;
  let at = 0;
  for (const part of writer.readyChunks()) {
    if (!equalBytes(part, bytes.subarray(at, at + part.length))) return false;
    at += part.length;
  }
  return true;
}

interface Place {
  readonly path: ByteText;
  readonly number: bigint;
  readonly parent: bigint;
  readonly inode: ReadInode;
}

class ImageReader {
  private readonly superblock;
  /** The first path of everything that is not a folder; the folders that were entered. */
  private readonly paths = new Map<bigint, ByteText>();
  private readonly folders = new Set<bigint>();
  private names = 0;
  private pathBytes = 0;
  private dataLeft: number;

  constructor(private readonly bytes: Uint8Array) {
    this.superblock = readSuperblock(bytes);
    this.dataLeft = bytes.length;
  }

  *entries(): Generator<ErofsEntry<ReadyContent>> {
    const number = BigInt(this.superblock.root);
    const root = { path: "", number, parent: number, inode: this.inode(number) };
    if (root.inode.kind !== "directory") throw malformed(root.inode.at, "a root that is not a folder");
    const todo: Place[] = [root];
    for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
      const { path, number, inode } = place;
      const first = this.paths.get(number);
      if (first !== undefined) {
        yield { kind: "hardLink", path: pathOf(path), target: pathOf(first) };
        continue;
      }
      this.dataLeft -= inode.size;
      if (this.dataLeft < 0) throw malformed(inode.at, "more data than the image has bytes");
      yield entryOf(path, inode);
      if (inode.kind === "directory") for (const below of this.inside(place).reverse()) todo.push(below);
      else this.paths.set(number, path);
    }
  }

  private inode(number: bigint): ReadInode {
    return readInode(this.bytes, number, this.superblock);
  }

  private inside({ path, number, parent, inode }: Place): Place[] {
    if (this.folders.has(number)) throw malformed(inode.at, "a folder that stands in two places");
    this.folders.add(number);
    const found: Place[] = [];
    let own = 0;
    for (const line of readDirectory(inode)) {
      if (line.name === "." || line.name === "..") {
        if (line.number !== (line.name === "." ? number : parent) || line.dirent !== kinds.directory.dirent)
          throw malformed(inode.at, `a folder whose ${line.name} leads elsewhere`);
        own++;
        continue;
      }
      const below = path === "" ? line.name : `${path}/${line.name}`;
      this.pathBytes += below.length;
      if (++this.names >= limits.entries || below.length > limits.path || this.pathBytes > limits.allPaths)
        throw malformed(inode.at, "too many or too long paths");
      const child = this.inode(line.number);
      if (line.dirent !== kinds[child.kind].dirent)
        throw malformed(child.at, "an inode that its folder calls something else");
      found.push({ path: below, number: line.number, parent: number, inode: child });
    }
    if (own !== 2) throw malformed(inode.at, "a folder without . or ..");
    return found;
  }
}

function entryOf(text: ByteText, inode: ReadInode): ErofsEntry<ReadyContent> {
  const { kind, mode, uid, gid, time, size, parts } = inode;
  const common = { path: pathOf(text), mode, uid, gid, time };
  if (kind === "file")
    return { ...common, kind, content: parts.length === 1 ? parts[0]! : { size, read: () => parts } };
  if (kind === "characterDevice" || kind === "blockDevice") return { ...common, kind, ...decodeDevice(inode.device) };
  if (kind !== "symlink") return { ...common, kind };
  if (size === 0 || size > limits.target) throw malformed(inode.at, `a link whose target has ${size} bytes`);
  const target = contentBytes({ size, read: () => parts });
  if (target.includes(0)) throw malformed(inode.at, "a link whose target holds a zero byte");
  return { ...common, kind, target };
}
