import { inodeSize, kinds, layouts } from "./format.ts";
import type { TreeNode } from "./tree.ts";

/** Where an inode and its data are. */
export interface PlacedInode {
  readonly node: TreeNode;
  /** The folder that it stands in; of the root itself. */
  readonly parent: TreeNode;
  readonly size: number;
  readonly extended: boolean;
  /** Bytes of the data that stand right behind the inode; the others stand in blocks. */
  readonly tail: number;
  /** The first block of the data; 0 where there is none. */
  readonly block: number;
  /** Blocks of the data. */
  readonly blocks: number;
  /** Place in the metadata, in slots: the number by which folders know it. */
  readonly number: number;
  /** Counts inodes from 1. */
  readonly serial: number;
}

/** Whether an inode needs the larger form. @param imageTime modification time that the smaller one stands for. */
export function needsExtended(node: TreeNode, size: number, imageTime: number): boolean {
  return node.time !== imageTime || node.uid > 0xffff || node.gid > 0xffff || node.links > 0xffff || size > 0xffffffff;
}

/** Writes an inode to its place in the metadata. */
export function writeInode(view: DataView, at: number, inode: PlacedInode): void {
  const { node, size, extended } = inode;
  const layout = inode.tail > 0 ? layouts.inline : layouts.plain;
  view.setUint16(at, (extended ? 1 : 0) | (layout << 1), true);
  view.setUint16(at + 4, kinds[node.kind].type | node.mode, true);
  const isDevice = node.kind === "characterDevice" || node.kind === "blockDevice";
  const where = isDevice ? node.device : inode.block;
  if (extended) {
    view.setBigUint64(at + 8, BigInt(size), true);
    view.setUint32(at + 16, where, true);
    view.setUint32(at + 20, inode.serial, true);
    view.setUint32(at + 24, node.uid, true);
    view.setUint32(at + 28, node.gid, true);
    view.setBigUint64(at + 32, BigInt(node.time), true);
    view.setUint32(at + 44, node.links, true);
  } else {
    view.setUint16(at + 6, node.links, true);
    view.setUint32(at + 8, size, true);
    view.setUint32(at + 16, where, true);
    view.setUint32(at + 20, inode.serial, true);
    view.setUint16(at + 24, node.uid, true);
    view.setUint16(at + 26, node.gid, true);
  }
}

/** Bytes of an inode without its data. */
export function inodeBytes(extended: boolean): number {
  return extended ? inodeSize.extended : inodeSize.compact;
}
