import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { buildIdOf } from "../../src/environment/environment.ts";
import { encodeDeviceTree, guestDeviceTree } from "../../src/guest/deviceTree.ts";
import type { GuestManifest, GuestSettings, Images } from "../../src/guest/manifest.ts";
import { encodeManifest, parseManifest } from "../../src/guest/manifestText.ts";
import {
  bootArguments,
  environmentBinary,
  environmentOfManifest,
  inputDriveOf,
  layoutOf,
  makeManifest,
  startDrives,
  startMemory,
} from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { type ClaimableProgram, startState } from "../../src/machine/program.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const mebibyte = 2 ** 20;
const images: Images = { kernel: noise(300_001), root: noise(16 * 4096) };
const settings: GuestSettings = {
  name: "toy",
  program: { name: "emulator", sha256: toHex(new Uint8Array(32).fill(7)) },
  images: {
    kernel: { sha256: toHex(new Uint8Array(32).fill(1)), size: images.kernel.length },
    root: { sha256: toHex(new Uint8Array(32).fill(2)), size: images.root.length },
  },
  ramSize: 32 * mebibyte,
  inputLog2Size: 16,
  outputLog2Size: 17,
  eventsPerTick: 2 ** 20,
  timeDivider: 100,
  tickLimit: 65_536,
};

let hasher: KeccakKernel;
let emulator: Uint8Array;
let program: ClaimableProgram;
let manifest: GuestManifest;
beforeAll(async () => {
  hasher = await loadKeccakKernel();
  emulator = new Uint8Array(await readFile(new URL("../../build/wasm/emulator.wasm", import.meta.url)));
  program = loadClaimable(environmentBinary(emulator, settings));
  manifest = makeManifest(settings, program, images, hasher);
});

function noise(length: number): Uint8Array {
  const random = new Random(seed + length);
  return Uint8Array.from({ length }, () => random.below(256));
}

describe("environment", () => {
  it("is the start state of a build with an empty input drive", () => {
    expect(manifest.id).toBe(new StateTree(hasher, startState(program, startDrives(settings, images))).root());
    expect(manifest.siblings).toHaveLength(25 - 10 + 3);
  });

  it.each([0, 1, 4097, 65536])("gives the id of a build with an input of %i bytes without the images", (length) => {
    const input = noise(length);
    const whole = startState(program, [...startDrives(settings, images), { ...inputDriveOf(settings), bytes: input }]);
    expect(buildIdOf(environmentOfManifest(manifest), input, hasher)).toBe(new StateTree(hasher, whole).root());
  });

  it("refuses an input that its drive does not hold", () => {
    expect(() => buildIdOf(environmentOfManifest(manifest), new Uint8Array(65537), hasher)).toThrowError(
      expect.objectContaining({ code: "environment/too-large", details: { given: 65537, capacity: 65536 } }),
    );
  });

  it("starts the kernel in supervisor mode with the device tree's address, timers off and counters readable", () => {
    const layout = layoutOf(settings);
    const memory = startState(program, startDrives(settings, images)).memory;
    const view = new DataView(memory.buffer);
    const u64 = (address: number) => view.getBigUint64(address, true);
    const u32 = (address: number) => view.getUint32(address, true);
    expect([u64(0x1050), u64(0x1058), u64(0x1300), u64(0x1308), u64(0x1320)]).toEqual([
      0n,
      0x8000_0000n + BigInt(layout.deviceTree - 32 * mebibyte),
      0x8000_0000n + BigInt(layout.kernel - 32 * mebibyte),
      1n,
      2n ** 64n - 1n,
    ]);
    expect([u64(0x1390), u64(0x13c0)]).toEqual([7n, 7n]);
    expect([0x1800, 0x1804, 0x1808, 0x180c].map(u32)).toEqual([layout.guestSize, 2 ** 20, 100, 1]);
    expect([u64(0x1810), u32(0x1818), u32(0x181c), u32(0x1820)]).toEqual([
      0n,
      layout.input.address,
      layout.output.address,
      131072,
    ]);
    const tree = encodeDeviceTree(guestDeviceTree(layout, bootArguments(layout)));
    expect(memory.subarray(layout.deviceTree, layout.deviceTree + tree.length)).toEqual(tree);
    expect(memory.subarray(layout.kernel, layout.kernel + images.kernel.length)).toEqual(images.kernel);
    expect(memory.subarray(layout.root.address, layout.root.address + images.root.length)).toEqual(images.root);
  });

  it("cuts what is in memory into aligned drives without losing a byte", () => {
    const drives = startDrives(settings, images);
    for (const { address, log2Size, bytes } of drives) {
      expect(address % 2 ** log2Size).toBe(0);
      expect(bytes.length).toBeLessThanOrEqual(2 ** log2Size);
    }
    const total = (parts: readonly { bytes: Uint8Array }[]) => parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(total(drives)).toBe(total(startMemory(settings, images)));
  });

  it("refuses images of another size and a program with another memory", () => {
    expect(() => startMemory(settings, { ...images, kernel: noise(5) })).toThrowError(
      expect.objectContaining({ code: "guest/bad-image", details: { name: "kernel", expected: 300_001, given: 5 } }),
    );
    expect(() => makeManifest({ ...settings, ramSize: 34 * mebibyte }, program, images, hasher)).toThrowError(
      expect.objectContaining({ code: "guest/bad-layout" }),
    );
  });
});

describe("manifest", () => {
  it("is read back as it was written", () => {
    expect(parseManifest(encodeManifest(manifest), hasher)).toEqual(manifest);
  });

  it("is refused when its siblings do not lead to its id", () => {
    const zero = toHex(new Uint8Array(32));
    const changed: readonly Partial<GuestManifest>[] = [
      { id: zero },
      { siblings: manifest.siblings.with(3, zero) },
      { siblings: manifest.siblings.slice(1) },
      { inputLog2Size: 15 },
    ];
    for (const change of changed) {
      expect(() => parseManifest(JSON.stringify({ ...manifest, ...change }), hasher)).toThrowError(
        expect.objectContaining({ code: "guest/bad-manifest" }),
      );
    }
  });

  it.each([
    ["no JSON", () => "{"],
    ["an unknown field", () => JSON.stringify({ ...manifest, extra: 1 })],
    ["another version", () => JSON.stringify({ ...manifest, version: 1 })],
    ["a name that is a path", () => JSON.stringify({ ...manifest, name: "../x" })],
    ["a hash in another spelling", () => JSON.stringify({ ...manifest, id: manifest.id.toUpperCase() })],
    ["no time divider", () => JSON.stringify({ ...manifest, timeDivider: 0 })],
  ])("is refused with %s", (_, text) => {
    expect(() => parseManifest(text(), hasher)).toThrowError(expect.objectContaining({ code: "guest/bad-manifest" }));
  });

  it("is refused with sizes that cannot be laid out", () => {
    expect(() => parseManifest(JSON.stringify({ ...manifest, ramSize: 5 }), hasher)).toThrowError(
      expect.objectContaining({ code: "guest/bad-layout" }),
    );
  });
});
