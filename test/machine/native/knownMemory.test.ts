import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentRanges, fixedRanges } from "../../../src/machine/native/memoryRegions.ts";
import type { DriveImage } from "../../../src/machine/program.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

const kernel = await loadKeccakKernel();
const mebibyte = 2 ** 20;
const complaint = (code: string) => expect.objectContaining({ code });

/** Writes to the page at `address` in tick number `tick`, counted from 0. */
const writing = (address: number, tick: number) =>
  claimableText(
    countingProgram(
      12,
      `(if (i64.eq (global.get $count) (i64.const ${tick + 1})) (then (i32.store (i32.const ${address}) (i32.const 7))))`,
    ),
  );
const drive: DriveImage = { address: 131072, log2Size: 16, bytes: new Uint8Array(40_000).fill(3) };
const region = { address: 131072, size: 65536 };

describe("a machine whose memory is known in part", () => {
  it("has the roots that looking at all of it gives", () => {
    const places = fc.record({ address: fc.integer({ min: 8192, max: 131071 }), tick: fc.nat(11) });
    fc.assert(
      fc.property(places, fc.boolean(), ({ address, tick }, hasData) => {
        const data = hasData ? '(data (i32.const 124900) "content of the program")' : "";
        const program = claimableText(
          countingProgram(12, `(i32.store (i32.const ${address}) (i32.wrap_i64 (global.get $count)))`).replace(
            /\)$/,
            `${data})`,
          ),
        );
        const outcome = (fixed: boolean) => {
          const session = testSession(kernel, program, { drives: [drive], ...(fixed && { fixedRegions: [region] }) });
          const { tickSeconds: _, hashSeconds: __, ...run } = session.run(everyTicks(1));
          session.spotCheck([tick]);
          return { ...run, roots: session.tickRoots([tick, 0, tick + 1]), proofs: session.resultProofs() };
        };
        expect(outcome(true)).toEqual(outcome(false));
      }),
      { seed, numRuns: 8 },
    );
  });

  it("is given up at the end of a run that has written where nothing is written to", () => {
    const program = writing(region.address + 50_000, 4);
    const session = testSession(kernel, program, { drives: [drive], fixedRegions: [region] });
    expect(() => session.run(everyTicks(1))).toThrowError(
      expect.objectContaining({ code: "native/fixed-region-changed", details: { address: region.address + 49_152 } }),
    );
    expect(() => testSession(kernel, program, { drives: [drive] }).run(everyTicks(1))).not.toThrow();
  });

  it("is given up where the interpreter finds such a write", () => {
    const session = testSession(kernel, writing(region.address, 4), { drives: [drive], fixedRegions: [region] });
    expect(session.openTick(3).steps).toBeGreaterThan(0);
    expect(() => session.openTick(4)).toThrowError(complaint("native/fixed-region-changed"));
  });

  it("is looked at everywhere when it has a fault, which may be anywhere", () => {
    const fault = {
      at: { tick: 2, step: 5 },
      mutation: { kind: "memory", address: region.address, xor: 9 },
    } as const;
    const faulty = (fixed: boolean) =>
      testSession(kernel, writing(8192, 1), { drives: [drive], fault, ...(fixed && { fixedRegions: [region] }) });
    const roots = faulty(true).run(everyTicks(1)).checkpoints;
    expect(roots).toEqual(faulty(false).run(everyTicks(1)).checkpoints);
    expect(roots).not.toEqual(
      testSession(kernel, writing(8192, 1), { drives: [drive] }).run(everyTicks(1)).checkpoints,
    );
  });

  it.each([
    ["not in whole pages", { address: 131072, size: 100 }],
    ["not aligned to pages", { address: 131073, size: 4096 }],
    ["behind the memory", { address: 262144, size: 4096 }],
    ["negative", { address: -4096, size: 4096 }],
  ])("is refused with a region that is %s", (_, wrong) => {
    expect(() => testSession(kernel, writing(8192, 1), { fixedRegions: [wrong] })).toThrowError(
      complaint("native/bad-region"),
    );
  });

  it("of 4 GiB takes what is in it, not what it could hold", () => {
    const program = claimableText(countingProgram(4).replace("4 4)", "65536 65536)"));
    const bytes = new Uint8Array(48 * mebibyte);
    for (let at = 0; at < bytes.length; at += 512) bytes[at] = 1 + (at % 255);
    const image: DriveImage = { address: 2 ** 31, log2Size: 27, bytes };
    const before = process.memoryUsage.rss();
    const session = testSession(kernel, program, {
      drives: [image],
      fixedRegions: [{ address: 64 * mebibyte, size: 4032 * mebibyte }],
    });
    const { ticks, finalRoot } = session.run(everyTicks(1));
    session.spotCheck([1]);
    const [grown, there] = [process.memoryUsage.rss() - before, session.readFinalMemory(image.address, 4096)];
    expect([ticks, there]).toEqual([4, bytes.slice(0, 4096)]);
    expect(finalRoot).not.toBe(session.startRoot());
    // The content is in the machine's memory and, compared page by page, nowhere else.
    expect(grown / mebibyte).toBeLessThan(120);
  });
});

describe("the regions of a memory", () => {
  const program = writing(8192, 1);

  it("with content are those of segments and drives, joined where they touch", () => {
    const at = (address: number, length: number) => ({ address, log2Size: 7, bytes: new Uint8Array(length) });
    const data = [{ address: 4000, bytes: new Uint8Array(200) }];
    expect(contentRanges({ ...program, data }, [at(65536, 1), at(8192, 4096), at(20480, 0)])).toEqual([
      { first: 0, end: 3 },
      { first: 16, end: 17 },
    ]);
  });

  it("that are fixed are joined, whatever their order", () => {
    const page = (first: number, count: number) => ({ address: first * 4096, size: count * 4096 });
    expect(fixedRanges(program, [page(9, 3), page(2, 1), page(5, 0), page(3, 2), page(10, 1)])).toEqual([
      { first: 2, end: 5 },
      { first: 9, end: 12 },
    ]);
  });
});
