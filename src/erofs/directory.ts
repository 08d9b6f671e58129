import { type ByteText, writeText } from "./byteText.ts";
import { blockSize, direntSize, kinds } from "./format.ts";
import type { TreeNode } from "./tree.ts";

/** What one block of a folder holds. */
interface DirectoryBlock {
  readonly names: readonly ByteText[];
  /** Bytes in use. */
  readonly size: number;
}

/** A folder's blocks: as many names, in the order of their bytes, as each of them takes. */
export function planDirectory(node: TreeNode): readonly DirectoryBlock[] {
  const blocks: DirectoryBlock[] = [];
  let names: ByteText[] = [];
  let size = 0;
  for (const name of [".", "..", ...node.children.keys()].sort(compareTexts)) {
    const more = direntSize + name.length;
    if (size + more > blockSize) {
      blocks.push({ names, size });
      names = [];
      size = 0;
    }
    names.push(name);
    size += more;
  }
  blocks.push({ names, size });
  return blocks;
}

/** A folder's size: whole blocks, and what is in use of the last. */
export function directorySize(blocks: readonly DirectoryBlock[]): number {
  return (blocks.length - 1) * blockSize + blocks.at(-1)!.size;
}

/** A folder's content. @param numberOf gives the number of a node's inode. */
export function encodeDirectory(node: TreeNode, parent: TreeNode, numberOf: (node: TreeNode) => number): Uint8Array {
  const blocks = planDirectory(node);
  const bytes = new Uint8Array(directorySize(blocks));
  const view = new DataView(bytes.buffer);
  for (const [i, { names }] of blocks.entries()) {
    const start = i * blockSize;
    let nameAt = names.length * direntSize;
    for (const [k, name] of names.entries()) {
      const child = name === "." ? node : name === ".." ? parent : node.children.get(name)!;
      const at = start + k * direntSize;
      view.setBigUint64(at, BigInt(numberOf(child)), true);
      view.setUint16(at + 8, nameAt, true);
      view.setUint8(at + 10, kinds[child.kind].dirent);
      writeText(bytes, start + nameAt, name);
      nameAt += name.length;
    }
  }
  return bytes;
}

/** The order of bytes, which is that of the texts' characters. */
function compareTexts(a: ByteText, b: ByteText): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
