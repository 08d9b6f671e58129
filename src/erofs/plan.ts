import { AssayError } from "../core/errors.ts";
import { directorySize, planDirectory } from "./directory.ts";
import { contentSize } from "./entry.ts";
import { blockSize, slotSize } from "./format.ts";
import { inodeBytes, needsExtended, type PlacedInode } from "./inode.ts";
import type { TreeNode } from "./tree.ts";

/** Where everything in an image is: the superblock's block, the data, the metadata (README). */
export interface ImagePlan {
  /** In the order in which the data stands in the image. */
  readonly inodes: readonly PlacedInode[];
  /** First block of the metadata, and how many blocks it has. */
  readonly metadataBlock: number;
  readonly metadataBlocks: number;
}

/** @throws AssayError `erofs/too-large` */
export function planImage(root: TreeNode, time: number): ImagePlan {
  const slots = new SlotTable();
  const inodes: PlacedInode[] = [];
  let block = 1;
  for (const [node, parent] of inOrder(root)) {
    const size = sizeOf(node);
    const extended = needsExtended(node, size, time);
    const head = inodeBytes(extended);
    const rest = size % blockSize;
    const tail = head + rest <= blockSize ? rest : 0;
    const blocks = Math.ceil((size - tail) / blockSize);
    const number = slots.take(Math.ceil((head + tail) / slotSize));
    const serial = inodes.length + 1;
    inodes.push({ node, parent, size, extended, tail, block: blocks === 0 ? 0 : block, blocks, number, serial });
    block += blocks;
  }
  const metadataBlocks = slots.blocks + (inodes.some((inode) => endsAt(inode, slots.blocks)) ? 1 : 0);
  const size = (block + metadataBlocks) * blockSize;
  if (block + metadataBlocks >= 2 ** 32)
    throw new AssayError("erofs/too-large", `the image would have ${size} bytes, more than 2^44`, { size });
  return { inodes, metadataBlock: block, metadataBlocks };
}

/** Whether an inode without tail ends where the last of so many blocks does: fsck.erofs reads some bytes behind each. */
function endsAt({ tail, number, extended }: PlacedInode, blocks: number): boolean {
  return tail === 0 && number * slotSize + inodeBytes(extended) === blocks * blockSize;
}

/** Every node once, each folder before what it holds, names in the order of their bytes. */
function* inOrder(root: TreeNode): Generator<[node: TreeNode, parent: TreeNode]> {
  const seen = new Set<TreeNode>();
  const todo: [TreeNode, TreeNode][] = [[root, root]];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [node] = next;
    if (seen.has(node)) continue;
    if (node.links > 1) seen.add(node);
    yield next;
    const names = [...node.children.keys()].sort();
    for (const name of names.reverse()) todo.push([node.children.get(name)!, node]);
  }
}

function sizeOf(node: TreeNode): number {
  if (node.kind === "directory") return directorySize(planDirectory(node));
  return node.content === undefined ? 0 : contentSize(node.content);
}

const slotsOfBlock = blockSize / slotSize;

/**
 * Gives out slots of the metadata so that nothing crosses a block: each time in the block that has the fewest free slots but enough;
 * of those the one that came to have them last; a new one where there is none.
 */
class SlotTable {
  /** By the number of free slots, which are a block's last ones: the blocks. */
  private readonly free: number[][] = Array.from({ length: slotsOfBlock + 1 }, () => []);
  blocks = 0;

  /** The first of `count` slots. */
  take(count: number): number {
    let free = count;
    while (free < slotsOfBlock && this.free[free]!.length === 0) free++;
    const block = this.free[free]!.pop() ?? this.blocks++;
    if (free > count) this.free[free - count]!.push(block);
    return (block + 1) * slotsOfBlock - free;
  }
}
