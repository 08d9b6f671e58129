import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { DriveHasher, pieceBytes } from "../../src/machine/driveHasher.ts";
import { driveRoot } from "../../src/machine/drivePath.ts";
import { hashDrive } from "../../src/machine/node/hashDrive.ts";
import { HashThreads } from "../../src/machine/node/hashThreads.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { pseudoRandomBytes } from "../merkle/naiveTree.ts";
import { seed } from "../support/seed.ts";

const kernel = await loadKeccakKernel();
/** Zero pieces, zero pages, and pieces that are neither. */
const sparse = pseudoRandomBytes(17 * pieceBytes + 5000, seed);
sparse.fill(0, 2 * pieceBytes, 4 * pieceBytes);
sparse.fill(0, 5 * pieceBytes + 4096, 5 * pieceBytes + 40_960);

async function* parts(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.slice(at, at + size);
}

describe("a drive that is hashed part by part", () => {
  it("has the root of the whole, however large it is and wherever the parts end", () => {
    const drives = fc.integer({ min: 12, max: 22 }).chain((log2Size) =>
      fc.record({
        log2Size: fc.constant(log2Size),
        length: fc.integer({ min: 0, max: Math.min(2 ** log2Size, 2.5 * pieceBytes) }),
        from: fc.constantFrom(0, pieceBytes, 4.5 * pieceBytes),
        part: fc.integer({ min: 1000, max: 3_000_000 }),
      }),
    );
    fc.assert(
      fc.property(drives, ({ log2Size, length, from, part }) => {
        const content = sparse.subarray(from, from + length);
        const hasher = new DriveHasher(kernel, log2Size);
        for (let at = 0; at < length; at += part) hasher.update(content.subarray(at, at + part));
        const expected = toHex(driveRoot(kernel, log2Size, content));
        expect([toHex(hasher.root()), toHex(hasher.root())]).toEqual([expected, expected]);
      }),
      { seed, numRuns: 40 },
    );
  });

  it("tells its root on the way", () => {
    const hasher = new DriveHasher(kernel, 21);
    const content = sparse.subarray(0, 9000);
    hasher.update(content.subarray(0, 5000));
    expect(toHex(hasher.root())).toBe(toHex(driveRoot(kernel, 21, content.subarray(0, 5000))));
    hasher.update(content.subarray(5000));
    expect(toHex(hasher.root())).toBe(toHex(driveRoot(kernel, 21, content)));
  });

  it("takes no more than it holds", () => {
    const hasher = new DriveHasher(kernel, 12);
    hasher.update(new Uint8Array(4096));
    expect(() => hasher.update(Uint8Array.of(0))).toThrowError(
      expect.objectContaining({ code: "machine/bad-input", details: { expected: 4096, given: 4097 } }),
    );
  });
});

describe("a drive that is hashed on several processors", () => {
  it("has the same root, from memory that is shared or not and from a stream", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(sparse.length));
    shared.set(sparse);
    const expected = toHex(driveRoot(kernel, 30, sparse));
    for (const content of [sparse, shared, parts(sparse, 700_001)]) {
      expect(await hashDrive(content, 30, { threads: 3 })).toBe(expected);
    }
    expect(await hashDrive(parts(sparse, 4_000_000), 30, { threads: 1 })).toBe(expected);
  });

  it("may be empty, and small", async () => {
    const none = new Uint8Array(0);
    expect(await hashDrive(none, 13)).toBe(toHex(driveRoot(kernel, 13, none)));
    expect(await hashDrive(parts(none, 1), 30)).toBe(toHex(driveRoot(kernel, 30, none)));
    const little = sparse.subarray(0, 6000);
    expect(await hashDrive(parts(little, 999), 13)).toBe(toHex(driveRoot(kernel, 13, little)));
  });

  it("takes no more than it holds, and ends with a stream that fails", async () => {
    for (const content of [sparse, parts(sparse, 900_000)]) {
      await expect(hashDrive(content, 24, { threads: 2 })).rejects.toMatchObject({ code: "machine/bad-input" });
    }
    async function* failing() {
      yield* parts(sparse.subarray(0, 3 * pieceBytes), 500_000);
      throw new Error("the disk is gone");
    }
    await expect(hashDrive(failing(), 30, { threads: 2 })).rejects.toThrow("the disk is gone");
  });

  it("is given up when a thread ends", async () => {
    const threads = await HashThreads.start(2);
    const { nodes } = await threads.hash(sparse.subarray(0, pieceBytes));
    const ended = expect(nodes).rejects.toMatchObject({ code: "machine/worker-fault" });
    await threads.close();
    await ended;
  });
});
