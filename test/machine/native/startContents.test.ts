import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DriveContents } from "../../../src/machine/native/driveContents.ts";
import { SnapshotDirectory } from "../../../src/machine/native/node/snapshotDirectory.ts";
import { contentOf, type Snapshot } from "../../../src/machine/native/snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "../../../src/machine/native/snapshotCodec.ts";
import { MemorySnapshotStorage } from "../../../src/machine/native/snapshotStorage.ts";
import type { DriveImage } from "../../../src/machine/program.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
let directory: string;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "start-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Room for 16 MiB, and a page that comes from the program itself. */
const text = countingProgram(20)
  .replace("4 4)", "256 256)")
  .replace(/\)$/, '(data (i32.const 12288) "a page of its own"))');
const program = claimableText(text);
const log2Size = 22;
const driveOf = (byte: number): DriveImage => ({
  address: 2 ** log2Size,
  log2Size,
  bytes: new Uint8Array(3_000_000).fill(byte),
});
const startFile = () => join(directory, "tick-0000000000000");

function session(drives: readonly DriveImage[], complaints: string[] = []) {
  const storage = new SnapshotDirectory(directory);
  return testSession(kernel, program, { drives, storage, report: (complaint) => complaints.push(complaint) });
}

const reference = (drives: readonly DriveImage[]) => testSession(kernel, program, { drives }).run(everyTicks(1));

describe("the snapshot of the start", () => {
  it("does not keep what the drives hold, and leads back to the start all the same", () => {
    const drives = [driveOf(7)];
    const run = session(drives).run(everyTicks(1));
    // Numbers and nodes of 733 pages, and the program's own page.
    expect(statSync(startFile()).size).toBeLessThan(40_000);
    expect(run.checkpoints).toEqual(reference(drives).checkpoints);

    const complaints: string[] = [];
    const next = session(drives, complaints);
    next.run(everyTicks(1));
    next.spotCheck([0, 9]);
    expect(next.resultProofs()).toEqual(session(drives).resultProofs());
    expect(complaints).toEqual([]);
  });

  it("of other drives is not taken up", () => {
    session([driveOf(7)]).run(everyTicks(1));
    const drives = [driveOf(8)];
    const { checkpoints, finalRoot } = session(drives).run(everyTicks(1));
    const expected = reference(drives);
    expect([checkpoints, finalRoot]).toEqual([expected.checkpoints, expected.finalRoot]);
  });

  it("is made again when what it keeps itself was altered, or is cut off", () => {
    const drives = [driveOf(7)];
    const expected = session(drives).run(everyTicks(1));
    const whole = readFileSync(startFile());
    const altered = Buffer.from(whole);
    altered[altered.length - 4000]! ^= 1;
    for (const [bytes, complaint] of [
      [altered, "the snapshot of the start does not have the content it had"],
      [whole.subarray(0, -1), "snapshot tick-0000000000000 is cut off"],
    ] as const) {
      writeFileSync(startFile(), bytes);
      const complaints: string[] = [];
      const run = session(drives, complaints).run(everyTicks(1));
      expect(complaints).toEqual([complaint]);
      expect(run.finalRoot).toBe(expected.finalRoot);
      expect(readFileSync(startFile())).toEqual(whole);
    }
    expect(readdirSync(directory)).toHaveLength(11);
  });

  it("is given up, with no root at all, when a drive that it refers to has changed under the run", () => {
    /** The program writes there: going back has to read it. */
    const drive = () => ({ address: 8192, log2Size: 12, bytes: new Uint8Array(4096).fill(5) });
    const [changing, unchanged] = [[drive()], [drive()]];
    const running = session(changing);
    running.run(everyTicks(1));
    changing[0]!.bytes[1000] = 9;
    expect(() => running.tickRoots([1])).toThrowError(
      expect.objectContaining({
        code: "native/corrupt-snapshot",
        message: expect.stringContaining("start this run again"),
      }),
    );
    expect(session(unchanged).run(everyTicks(1)).finalRoot).toBe(reference(unchanged).finalRoot);
  });
});

describe("an encoded snapshot that leaves out contents at hand", () => {
  const pages = 12;
  const bytes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: pages, maxLength: pages });

  it("has every content again from its reader, and keeps exactly those that differ", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.integer({ min: 0, max: pages * 4096 }), (inMemory, inDrive, driveBytes) => {
        const memory = paged(inMemory);
        const atHand = new DriveContents([{ address: 0, log2Size: 16, bytes: paged(inDrive).subarray(0, driveBytes) }]);
        const storage = new MemorySnapshotStorage();
        storage.write("start", encodeSnapshot(kernel, startOf(memory), { log2Ticks: 0, roots: [] }, atHand));
        const { changes } = decodeSnapshot(kernel, storage, "start", atHand).snapshot;
        const same = inMemory.filter((byte, page) => byte === inDrive[page] && (page + 1) * 4096 <= driveBytes);
        expect(changes.kept).toBe(pages - same.length);
        const read = Array.from({ length: pages }, (_, page) => changes.content(page));
        expect(read).toEqual(Array.from({ length: pages }, (_, page) => memory.slice(page * 4096, (page + 1) * 4096)));

        const alone = decodeSnapshot(kernel, storage, "start").snapshot;
        const lost = Array.from({ length: pages }, (_, page) => alone.changes.content(page)).filter((each) => !each);
        expect(lost).toHaveLength(same.length);
        if (same.length === pages) expect(() => contentOf({ ...alone, parent: null }, 0)).toThrow(/is cut off/);
      }),
      { seed, numRuns: 200 },
    );
  });

  function paged(contents: readonly number[]): Uint8Array {
    const all = new Uint8Array(pages * 4096);
    for (const [page, byte] of contents.entries()) all.fill(byte, page * 4096, (page + 1) * 4096);
    return all;
  }

  function startOf(memory: Uint8Array): Snapshot {
    const numbers = Uint32Array.from({ length: pages }, (_, page) => page);
    const nodes = new Uint8Array(pages * 32);
    kernel.hashPagesAt(memory, numbers, nodes);
    const content = (position: number) => memory.subarray(position * 4096, (position + 1) * 4096);
    const words = { registers: Int32Array.of(1), stack: undefined, globals: Int32Array.of(2) };
    return {
      tick: 0,
      step: undefined,
      parent: null,
      root: `0x${"00".repeat(32)}`,
      ...words,
      changes: { pages: numbers, nodes, content },
    };
  }
});
