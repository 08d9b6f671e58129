import type { DeviceTreeNode } from "../../src/guest/deviceTree.ts";

/** A node as it stands in a blob: values are bytes. */
export interface RawNode {
  readonly name: string;
  readonly properties: readonly (readonly [string, string])[];
  readonly children: readonly RawNode[];
}

/** Reads a flattened device tree, written from the specification; throws where the blob breaks it. Values come as hex. */
export function readDeviceTree(blob: Uint8Array): RawNode {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const word = (at: number) => view.getUint32(at);
  const [magic, total, structure, strings, reservations, version, compatible, , stringBytes, structureBytes] =
    Array.from({ length: 10 }, (_, i) => word(4 * i)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  if (magic !== 0xd00dfeed || version !== 17 || compatible !== 16) throw new Error("not a device tree of version 17");
  if (total !== blob.length || strings + stringBytes !== total || structure + structureBytes !== strings) {
    throw new Error("blocks do not fill the blob");
  }
  if (structure % 4 !== 0 || reservations % 8 !== 0 || view.getBigUint64(reservations + 8) !== 0n) {
    throw new Error("misplaced blocks");
  }
  let at = structure;
  const text = (from: number) => {
    const stop = blob.indexOf(0, from);
    return Buffer.from(blob.subarray(from, stop)).toString();
  };
  const align = (to: number) => Math.ceil(to / 4) * 4;
  const node = (): RawNode => {
    if (word(at) !== 1) throw new Error(`expected a node at ${at}`);
    const name = text(at + 4);
    at = align(at + 4 + name.length + 1);
    const properties: [string, string][] = [];
    const children: RawNode[] = [];
    for (; word(at) === 3; ) {
      const length = word(at + 4);
      const value = Buffer.from(blob.subarray(at + 12, at + 12 + length)).toString("hex");
      properties.push([text(strings + word(at + 8)), value]);
      at = align(at + 12 + length);
    }
    while (word(at) === 1) children.push(node());
    if (word(at) !== 2) throw new Error(`expected the end of ${name} at ${at}`);
    at += 4;
    return { name, properties, children };
  };
  const root = node();
  if (word(at) !== 9 || at + 4 !== structure + structureBytes) throw new Error("the structure does not end");
  return root;
}

/** What `readDeviceTree` must give back for a tree. */
export function rawTree({ name, properties, children }: DeviceTreeNode): RawNode {
  const raw = (value: DeviceTreeNode["properties"][number][1]): Buffer => {
    if (value === true) return Buffer.alloc(0);
    if (typeof value === "string") return Buffer.from(`${value}\0`);
    if ("cells" in value) {
      const bytes = Buffer.alloc(4 * value.cells.length);
      for (const [i, cell] of value.cells.entries()) bytes.writeUInt32BE(cell, 4 * i);
      return bytes;
    }
    return Buffer.from(value.map((each) => `${each}\0`).join(""));
  };
  return {
    name,
    properties: properties.map(([key, value]) => [key, raw(value).toString("hex")] as const),
    children: children.map(rawTree),
  };
}
