import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { compareBytes } from "../../src/source/checkTree.ts";
import { decodeDrive, driveCapacity, encodeDrive } from "../../src/source/drive.ts";
import type { Entry, SourceTree } from "../../src/source/source.ts";
import { randomTree } from "../support/randomTree.ts";
import { seed } from "../support/seed.ts";

const text = (value: string) => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("source drive", () => {
  it("has the layout its description states", () => {
    const entries: Entry[] = [
      { path: "b", kind: "symlink", content: text("a/x") },
      { path: "a/x", kind: "executable", content: text("12345") },
    ];
    expect(hex(encodeDrive({ name: "name", time: 0x0102030405 & 0xffffffff, entries }))).toBe(
      [
        hex(text("ASSAYSRC")),
        "01000000",
        "02000000",
        "0504030200000000",
        "68000000",
        "04000000",
        "00".repeat(32),
        `${hex(text("name"))}00000000`,
        `01000300${"05000000"}${hex(text("a/x12345"))}`,
        `02000100${"03000000"}${hex(text("ba/x"))}00000000`,
      ].join(""),
    );
  });

  it("is as large as the program's input drive", () => {
    expect(driveCapacity).toBe(2 ** releaseTarball.inputDrive.log2Size);
  });

  it("gives back what was put in, sorted, also when it fills its drive with zeros", () => {
    fc.assert(
      fc.property(randomTree, fc.nat(40), (tree, zeros) => {
        const drive = encodeDrive(tree);
        const whole = new Uint8Array(drive.length + zeros);
        whole.set(drive);
        const sorted = tree.entries.toSorted((a, b) => compareBytes(text(a.path), text(b.path)));
        expect(decodeDrive(whole)).toEqual({ ...tree, entries: sorted });
      }),
      { seed, numRuns: 200 },
    );
  });

  it("is decoded only if encoding what comes out gives the same bytes", () => {
    const change = fc.record({ at: fc.nat(), bit: fc.nat(7) });
    let decoded = 0;
    fc.assert(
      fc.property(randomTree, fc.array(change, { maxLength: 3 }), fc.nat(20), (tree, changes, cut) => {
        const drive = encodeDrive(tree);
        for (const { at, bit } of changes) drive[at % drive.length]! ^= 1 << bit;
        const bytes = drive.slice(0, drive.length - (cut > 16 ? cut : 0));
        const again = decodeOrRefuse(bytes);
        if (again === undefined) return;
        decoded++;
        expect(encodeDrive(again)).toEqual(bytes);
      }),
      { seed, numRuns: 500 },
    );
    expect(decoded).toBeGreaterThan(20);
  });

  it("is refused when it is too large for its drive", () => {
    const tree: SourceTree = {
      name: "n",
      time: 0,
      entries: [{ path: "a", kind: "file", content: new Uint8Array(100) }],
    };
    const size = encodeDrive(tree).length;
    expect(encodeDrive(tree, size)).toHaveLength(size);
    expect(() => encodeDrive(tree, size - 1)).toThrowError(
      expect.objectContaining({ code: "source/too-large", details: { size, capacity: size - 1 } }),
    );
  });
});

function decodeOrRefuse(bytes: Uint8Array): SourceTree | undefined {
  try {
    return decodeDrive(bytes);
  } catch (error) {
    if (!isAssayError(error)) throw error;
    return undefined;
  }
}
