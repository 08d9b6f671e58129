import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { describeExitCode, exitCodes, releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { decodeDrive, encodeDrive } from "../../src/source/drive.ts";
import type { Entry } from "../../src/source/source.ts";
import { randomTree } from "../support/randomTree.ts";
import { runNatively } from "../support/runNatively.ts";
import { seed } from "../support/seed.ts";

const text = (value: string) => new TextEncoder().encode(value);
const file = (path: string): Entry => ({ path, kind: "file", content: text("12345") });

let binary: Uint8Array;
beforeAll(async () => {
  binary = await readProgram(releaseTarball);
});

/** Offsets in the drive below: the name ends at 66 (padding to 72), the entries begin at 72 and 88. */
const first = 72;
const second = 88;
function validDrive(): Uint8Array {
  return encodeDrive({ name: "ab", time: 1, entries: [file("a/b"), { ...file("link"), kind: "symlink" }] });
}

function exitCodeOf(change: (view: DataView, bytes: Uint8Array) => void): number {
  const drive = validDrive();
  change(new DataView(drive.buffer), drive);
  return runNatively(releaseTarball, binary, drive).record.exitCode;
}

const malformed: readonly [string, number, (view: DataView, bytes: Uint8Array) => void][] = [
  ["nothing at all", exitCodes.notADrive, (_, bytes) => bytes.fill(0)],
  ["another magic number", exitCodes.notADrive, (view) => view.setUint8(0, 0x42)],
  ["another version", exitCodes.notADrive, (view) => view.setUint32(8, 2, true)],
  ["a time no header can hold", exitCodes.badHeader, (view) => view.setBigUint64(16, 8n ** 11n, true)],
  ["a size beyond the drive", exitCodes.badHeader, (view) => view.setUint32(24, 0xffff_fff8, true)],
  ["a size that is no multiple of 8", exitCodes.badHeader, (view) => view.setUint32(24, 121, true)],
  ["a size smaller than the header", exitCodes.badHeader, (view) => view.setUint32(24, 64, true)],
  ["no name", exitCodes.badHeader, (view) => view.setUint32(28, 0, true)],
  ["a name beyond its limit", exitCodes.badHeader, (view) => view.setUint32(28, 0xffff_ffff, true)],
  ["a reserved byte", exitCodes.badHeader, (view) => view.setUint8(63, 1)],
  ["padding behind the name", exitCodes.badHeader, (view) => view.setUint8(71, 1)],
  ["a slash in the name", exitCodes.badPath, (view) => view.setUint8(65, 0x2f)],
  ["a name of dots", exitCodes.badPath, (view) => view.setUint16(64, 0x2e2e)],
  ["too many entries", exitCodes.badEntry, (view) => view.setUint32(12, 3, true)],
  ["too few entries", exitCodes.badEntry, (view) => view.setUint32(12, 1, true)],
  ["2^32 - 1 entries", exitCodes.badEntry, (view) => view.setUint32(12, 0xffff_ffff, true)],
  ["an unknown kind", exitCodes.badEntry, (view) => view.setUint16(first, 3, true)],
  ["a path beyond the end", exitCodes.badEntry, (view) => view.setUint16(second + 2, 0xffff, true)],
  ["content beyond the end", exitCodes.badEntry, (view) => view.setUint32(first + 4, 0x1000, true)],
  ["content of 2^32 - 1 bytes", exitCodes.badEntry, (view) => view.setUint32(first + 4, 0xffff_ffff, true)],
  ["content of 2^32 - 8 bytes", exitCodes.badEntry, (view) => view.setUint32(first + 4, 0xffff_fff8, true)],
  ["padding behind the content", exitCodes.badEntry, (view) => view.setUint32(first + 4, 2, true)],
  ["a link to nowhere", exitCodes.badEntry, (view) => view.setUint32(second + 4, 0, true)],
  ["a zero byte in a link", exitCodes.badEntry, (view) => view.setUint8(second + 13, 0)],
  [
    "an empty path",
    exitCodes.badPath,
    (view) => {
      view.setUint16(first + 2, 0, true);
      view.setUint32(first + 4, 8, true);
    },
  ],
  ["an absolute path", exitCodes.badPath, (view) => view.setUint8(first + 8, 0x2f)],
  ["a path that ends with a slash", exitCodes.badPath, (view) => view.setUint8(first + 10, 0x2f)],
  ["a path up", exitCodes.badPath, (_, bytes) => bytes.set(text("../"), first + 8)],
  ["a path that ends going up", exitCodes.badPath, (_, bytes) => bytes.set(text("/.."), first + 8)],
  ["a path of a dot", exitCodes.badPath, (_, bytes) => bytes.set(text("./a"), first + 8)],
  ["a zero byte in a path", exitCodes.badPath, (view) => view.setUint8(first + 9, 0)],
  ["entries out of order", exitCodes.notSorted, (view) => view.setUint8(first + 8, 0x7a)],
];

describe("release tarball of a malformed drive", () => {
  it("is made when nothing is changed", () => {
    expect(exitCodeOf(() => {})).toBe(exitCodes.ok);
  });

  for (const [what, code, change] of malformed) {
    it(`ends with "${describeExitCode(code)}" for ${what}`, () => {
      expect(exitCodeOf(change)).toBe(code);
    });
  }

  it("ends with an exit code when the same path occurs twice", () => {
    const drive = encodeDrive({ name: "ab", time: 1, entries: [file("a"), file("b")] });
    drive[drive.length - 24 + 8 + 8] = 0x61;
    expect(runNatively(releaseTarball, binary, drive).record.exitCode).toBe(exitCodes.notSorted);
  });

  it("never traps, and is refused only if the decoder refuses it too, whatever bytes are changed", () => {
    const change = fc.record({ at: fc.nat(), value: fc.nat(255) });
    fc.assert(
      fc.property(
        randomTree,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (tree, changes, early) => {
          const drive = encodeDrive(tree);
          for (const { at, value } of changes) drive[at % (early ? Math.min(drive.length, 200) : drive.length)] = value;
          const { record } = runNatively(releaseTarball, binary, drive);
          expect(Object.values(exitCodes)).toContain(record.exitCode);
          if (record.exitCode !== exitCodes.ok) expect(() => decodeDrive(drive)).toThrowError(/^/);
          else expectOnlyStricter(drive);
        },
      ),
      { seed, numRuns: 400 },
    );
  });
});

/** The decoder may refuse more than the program: what a path means to people and file systems, and zeros behind the end. */
function expectOnlyStricter(drive: Uint8Array): void {
  try {
    decodeDrive(drive);
  } catch (error) {
    if (!isAssayError(error)) throw error;
    if (error.code === "source/malformed-drive") expect(error.message).toMatch(/UTF-8|zero byte/);
  }
}
