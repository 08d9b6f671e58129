import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DeviceTreeNode, encodeDeviceTree, guestDeviceTree } from "../../src/guest/deviceTree.ts";
import { planLayout } from "../../src/guest/layout.ts";
import { rawTree, readDeviceTree } from "../support/readDeviceTree.ts";
import { seed } from "../support/seed.ts";

const layout = planLayout({
  rootSize: 0x19b000,
  kernelSize: 3_000_000,
  ramSize: 2 ** 27,
  inputLog2Size: 26,
  outputLog2Size: 25,
});
const tree = guestDeviceTree(layout, "console=hvc0 quiet");

const text = fc.stringMatching(/^[a-z0-9,#@-]{1,30}$/);
const value = fc.oneof(
  text,
  fc.array(text, { maxLength: 4 }),
  fc.constant(true as const),
  fc.record({ cells: fc.array(fc.nat({ max: 0xffff_ffff }), { maxLength: 6 }) }),
);
const { node } = fc.letrec<{ node: DeviceTreeNode }>((tie) => ({
  node: fc.record({
    name: text,
    properties: fc.array(fc.tuple(text, value), { maxLength: 5 }),
    children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("node"), { maxLength: 3 })),
  }),
}));

describe("device tree", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(node, (root) => {
        expect(readDeviceTree(encodeDeviceTree(root))).toEqual(rawTree(root));
      }),
      { seed, numRuns: 200 },
    );
  });

  it("stores the name of a property once", () => {
    const count = Buffer.from(encodeDeviceTree(tree)).toString("latin1").split("compatible\0").length - 1;
    expect(count).toBe(1);
  });
});

describe("a guest's device tree", () => {
  const children = (from: DeviceTreeNode, name: string) => from.children.find((each) => each.name === name)!.children;
  const property = (from: DeviceTreeNode, name: string) => new Map(from.properties).get(name);

  it("names RAM and, in the order they are probed, the drives", () => {
    const memory = tree.children.find(({ name }) => name.startsWith("memory"))!;
    expect([memory.name, property(memory, "reg")]).toEqual(["memory@80200000", { cells: [0, 0x80200000, 0, 2 ** 27] }]);
    expect(children(tree, "reserved-memory").map((drive) => [drive.name, property(drive, "reg")])).toEqual([
      ["root@80000000", { cells: [0, 0x80000000, 0, 0x19b000] }],
      ["input@8e000000", { cells: [0, 0x8e000000, 0, 4096] }],
      ["output@88200000", { cells: [0, 0x88200000, 0, 2 ** 25] }],
    ]);
    for (const drive of children(tree, "reserved-memory")) {
      expect([property(drive, "compatible"), property(drive, "no-map")]).toEqual(["phram", true]);
    }
  });

  it("writes addresses beyond 4 GiB whole", () => {
    const far = planLayout({ rootSize: 4096, kernelSize: 1, ramSize: 2 ** 25, inputLog2Size: 30, outputLog2Size: 17 });
    const drives = children(guestDeviceTree(far, ""), "reserved-memory");
    expect(property(drives[1]!, "reg")).toEqual({ cells: [0, 0xfe000000, 0, 4096] });
    const high = { ...far, input: { ...far.input, address: 3 * 2 ** 30 } };
    expect(property(children(guestDeviceTree(high, ""), "reserved-memory")[1]!, "reg")).toEqual({
      cells: [1, 0x3e000000, 0, 4096],
    });
  });

  it("carries the boot arguments and a fixed seed", () => {
    const chosen = tree.children.find(({ name }) => name === "chosen")!;
    expect(Object.fromEntries(chosen.properties)).toEqual({
      bootargs: "console=hvc0 quiet",
      "rng-seed": { cells: [1, 2, 3, 4, 5, 6, 7, 8] },
    });
  });
});
