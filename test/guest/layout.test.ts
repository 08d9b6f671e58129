import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { type LayoutRequest, physical, planLayout, type Region } from "../../src/guest/layout.ts";
import { seed } from "../support/seed.ts";

const mebibyte = 2 ** 20;
const small: LayoutRequest = {
  rootSize: 14 * mebibyte,
  kernelSize: 3 * mebibyte,
  ramSize: 128 * mebibyte,
  inputLog2Size: 26,
  outputLog2Size: 25,
};

const requests: fc.Arbitrary<LayoutRequest> = fc.record({
  rootSize: fc.integer({ min: 1, max: 40_000 }).map((pages) => pages * 4096),
  kernelSize: fc.integer({ min: 1, max: 16 * mebibyte }),
  ramSize: fc.integer({ min: 16, max: 600 }).map((units) => units * 2 * mebibyte),
  inputLog2Size: fc.integer({ min: 13, max: 26 }),
  outputLog2Size: fc.integer({ min: 13, max: 28 }),
});

const end = ({ address, size }: Region) => address + size;

describe("layout of a guest's memory", () => {
  it("puts a small root file system below the input drive, output drive and RAM above it", () => {
    expect(planLayout(small)).toEqual({
      root: { address: 32 * mebibyte, size: 14 * mebibyte },
      input: { address: 64 * mebibyte, size: 64 * mebibyte },
      output: { address: 128 * mebibyte, size: 32 * mebibyte },
      ram: { address: 160 * mebibyte, size: 128 * mebibyte },
      deviceTree: 160 * mebibyte,
      kernel: 162 * mebibyte,
      guestSize: 256 * mebibyte,
      memoryPages: (288 * mebibyte) / 65536,
    });
  });

  it("puts a large root file system behind the input drive and the output drive before it", () => {
    const { root, output, ram } = planLayout({ ...small, rootSize: 130 * mebibyte });
    expect({ root, output, ram }).toEqual({
      root: { address: 128 * mebibyte, size: 130 * mebibyte },
      output: { address: 32 * mebibyte, size: 32 * mebibyte },
      ram: { address: 258 * mebibyte, size: 128 * mebibyte },
    });
  });

  it("keeps everything apart, aligned and inside the guest's memory", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const layout = planLayout(request);
        const regions = [layout.root, layout.input, layout.output, layout.ram].sort((a, b) => a.address - b.address);
        expect(regions[0]!.address).toBeGreaterThanOrEqual(address.guest);
        for (const [i, region] of regions.slice(1).entries()) {
          expect(region.address).toBeGreaterThanOrEqual(end(regions[i]!));
        }
        expect(end(regions[3]!)).toBe(address.guest + layout.guestSize);
        expect(layout.memoryPages * 65536).toBe(address.guest + layout.guestSize);
        expect(layout.input.address % layout.input.size).toBe(0);
        expect(layout.root.address % 4096).toBe(0);
        expect(layout.output.address % 4096).toBe(0);
        expect(physical(layout.kernel) % (2 * mebibyte)).toBe(0);
        expect(layout.kernel + request.kernelSize).toBeLessThanOrEqual(end(layout.ram));
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    ["a root file system that is no number of pages", { rootSize: 5000 }],
    ["an empty root file system", { rootSize: 0 }],
    ["too little RAM", { ramSize: 30 * mebibyte }],
    ["RAM that is not a multiple of 2 MiB", { ramSize: 33 * mebibyte }],
    ["a kernel that fills half of the RAM", { kernelSize: 65 * mebibyte }],
    ["an input drive of 128 MiB", { inputLog2Size: 27 }],
    ["an input drive without room for a source", { inputLog2Size: 12 }],
    ["an output drive of half a gigabyte", { outputLog2Size: 29 }],
    ["more memory than the emulator has room for", { ramSize: 1800 * mebibyte }],
  ])("refuses %s", (_, change) => {
    expect(() => planLayout({ ...small, ...change })).toThrowError(
      expect.objectContaining({ code: "guest/bad-layout", details: expect.objectContaining({}) }),
    );
  });
});
