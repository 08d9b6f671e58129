/** Device trees in the flattened format, version 17 (Devicetree Specification 0.4, chapter 5), and the guest's own one. */
import { concatBytes } from "../core/bytes.ts";
import { type GuestLayout, inputHeaderBytes, physical, type Region } from "./layout.ts";

/** A value: text (one string or several), 32-bit cells, or nothing. */
export type DeviceTreeValue = string | readonly string[] | { readonly cells: readonly number[] } | true;

/** Properties come before children; both keep their order. */
export interface DeviceTreeNode {
  readonly name: string;
  readonly properties: readonly (readonly [name: string, value: DeviceTreeValue])[];
  readonly children: readonly DeviceTreeNode[];
}

const magic = 0xd00d_feed;
const version = 17;
const lastCompatibleVersion = 16;
const headerBytes = 40;
/** The memory reservation block holds its terminator only. */
const reservationBytes = 16;
const token = { beginNode: 1, endNode: 2, property: 3, end: 9 } as const;

const utf8 = new TextEncoder();

/** The tree as a blob; equal trees give equal bytes. */
export function encodeDeviceTree(root: DeviceTreeNode): Uint8Array {
  const strings = new StringBlock();
  const structure = concatBytes(...encodeNode(root, strings), bigEndian(token.end));
  const structureAt = headerBytes + reservationBytes;
  const stringsAt = structureAt + structure.length;
  const text = strings.bytes();
  const header = bigEndian(
    ...[magic, stringsAt + text.length, structureAt, stringsAt, headerBytes, version, lastCompatibleVersion],
    ...[0, text.length, structure.length],
  );
  return concatBytes(header, new Uint8Array(reservationBytes), structure, text);
}

/** The device tree of an environment: one hart, RAM, and the drives as `phram` devices in the order they are probed. */
export function guestDeviceTree(layout: GuestLayout, bootArguments: string): DeviceTreeNode {
  // Sources and dependencies are drives of what size the build says: init makes them.
  const drives = [
    ["root", layout.root],
    ["input", { ...layout.input, size: inputHeaderBytes }],
    ["output", layout.output],
  ] as const;
  return node(
    "",
    [cells("#address-cells", 2), cells("#size-cells", 2), ["compatible", "guest,det"], ["model", "det"]],
    {
      // The only entropy there is, so every run draws the same numbers.
      chosen: node("chosen", [cells("rng-seed", 1, 2, 3, 4, 5, 6, 7, 8), ["bootargs", bootArguments]]),
      memory: node(at("memory", layout.ram), [["device_type", "memory"], registers(layout.ram)]),
      reserved: node("reserved-memory", [cells("#address-cells", 2), cells("#size-cells", 2), ["ranges", true]], {
        ...Object.fromEntries(
          drives.map(([label, region]) => [
            label,
            node(at(label, region), [["compatible", "phram"], ["label", label], ["no-map", true], registers(region)]),
          ]),
        ),
      }),
      cpus: node(
        "cpus",
        [cells("#address-cells", 1), cells("#size-cells", 0), cells("timebase-frequency", timebaseFrequency)],
        { cpu: hart() },
      ),
    },
  );
}

/** Units of `time` in a second, as the guest sees it. */
export const timebaseFrequency = 10_000_000;

function hart(): DeviceTreeNode {
  const controller = node("interrupt-controller", [
    cells("#interrupt-cells", 1),
    ["interrupt-controller", true],
    ["compatible", "riscv,cpu-intc"],
  ]);
  return node(
    "cpu@0",
    [
      ["device_type", "cpu"],
      cells("reg", 0),
      ["status", "okay"],
      ["compatible", "riscv"],
      ["mmu-type", "riscv,sv39"],
      ["riscv,isa-base", "rv64i"],
      ["riscv,isa-extensions", ["i", "m", "a", "f", "d", "c", "zicntr", "zicsr", "zifencei"]],
      ["riscv,isa", "rv64imafdc"],
    ],
    { controller },
  );
}

function node(
  name: string,
  properties: DeviceTreeNode["properties"],
  children: Readonly<Record<string, DeviceTreeNode>> = {},
): DeviceTreeNode {
  return { name, properties, children: Object.values(children) };
}

function cells(name: string, ...values: number[]): readonly [string, DeviceTreeValue] {
  return [name, { cells: values }];
}

function at(name: string, { address }: Region): string {
  return `${name}@${physical(address).toString(16)}`;
}

/** Address and size, two cells each. */
function registers({ address, size }: Region): readonly [string, DeviceTreeValue] {
  const from = physical(address);
  return cells("reg", Math.floor(from / 2 ** 32), from % 2 ** 32, 0, size);
}

/** Names of properties, each once, in the order of first use. */
class StringBlock {
  private readonly offsets = new Map<string, number>();
  private length = 0;

  offsetOf(name: string): number {
    const known = this.offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.length;
    this.offsets.set(name, offset);
    this.length += utf8.encode(name).length + 1;
    return offset;
  }

  bytes(): Uint8Array {
    return utf8.encode([...this.offsets.keys()].map((name) => `${name}\0`).join(""));
  }
}

function encodeNode(from: DeviceTreeNode, strings: StringBlock): Uint8Array[] {
  const parts = [bigEndian(token.beginNode), padded(utf8.encode(`${from.name}\0`))];
  for (const [name, value] of from.properties) {
    const bytes = encodeValue(value);
    parts.push(bigEndian(token.property, bytes.length, strings.offsetOf(name)), padded(bytes));
  }
  for (const child of from.children) parts.push(...encodeNode(child, strings));
  parts.push(bigEndian(token.endNode));
  return parts;
}

function encodeValue(value: DeviceTreeValue): Uint8Array {
  if (value === true) return new Uint8Array(0);
  if (typeof value === "string") return utf8.encode(`${value}\0`);
  if ("cells" in value) return bigEndian(...value.cells);
  return utf8.encode(value.map((text) => `${text}\0`).join(""));
}

function bigEndian(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  return whole;
}
