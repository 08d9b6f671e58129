import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { type GuestLayout, type LayoutRequest, physical, planLayout, type Region } from "../../src/guest/layout.ts";
import { seed } from "../support/seed.ts";

const mebibyte = 2 ** 20;
const small: LayoutRequest = {
  rootSize: 14 * mebibyte,
  kernelSize: 3 * mebibyte,
  ramSize: 128 * mebibyte,
  inputLog2Size: 26,
  outputLog2Size: 26,
};

const requests: fc.Arbitrary<LayoutRequest> = fc.record({
  rootSize: fc.integer({ min: 1, max: 40_000 }).map((pages) => pages * 4096),
  kernelSize: fc.integer({ min: 1, max: 16 * mebibyte }),
  ramSize: fc.integer({ min: 16, max: 600 }).map((units) => units * 2 * mebibyte),
  inputLog2Size: fc.integer({ min: 13, max: 29 }),
  outputLog2Size: fc.integer({ min: 17, max: 28 }),
});

const end = ({ address, size }: Region) => address + size;

describe("layout of a guest's memory", () => {
  it("puts root file system, RAM and output drive one after the other, the input region at a multiple of its size", () => {
    expect(planLayout(small)).toEqual({
      root: { address: 32 * mebibyte, size: 14 * mebibyte },
      ram: { address: 46 * mebibyte, size: 128 * mebibyte },
      output: { address: 174 * mebibyte, size: 64 * mebibyte },
      writable: { address: 46 * mebibyte, size: 192 * mebibyte },
      input: { address: 256 * mebibyte, size: 64 * mebibyte },
      dependencies: { address: 320 * mebibyte, size: 64 * mebibyte },
      deviceTree: 46 * mebibyte,
      kernel: 48 * mebibyte,
      guestSize: 352 * mebibyte,
      memoryPages: (384 * mebibyte) / 65536,
    });
  });

  it("gives the upper half of memory to inputs of 1 GiB each", () => {
    const large = {
      ...small,
      rootSize: 400 * mebibyte,
      ramSize: 1024 * mebibyte,
      inputLog2Size: 30,
      outputLog2Size: 28,
    };
    const { input, dependencies, memoryPages } = planLayout(large);
    expect([input.address, dependencies.address, memoryPages]).toEqual([2 ** 31, 3 * 2 ** 30, 65536]);
  });

  it("keeps everything apart, aligned and inside the guest's memory", () => {
    fc.assert(
      fc.property(requests, (request) => {
        let layout: GuestLayout;
        try {
          layout = planLayout(request);
        } catch (error) {
          expect(error).toMatchObject({ code: "guest/bad-layout" });
          return;
        }
        const { root, ram, output, input, dependencies } = layout;
        const regions = [root, ram, output, input, dependencies];
        expect(regions[0]!.address).toBeGreaterThanOrEqual(address.guest);
        for (const [i, region] of regions.slice(1).entries()) {
          expect(region.address).toBeGreaterThanOrEqual(end(regions[i]!));
        }
        expect(end(regions[4]!)).toBe(address.guest + layout.guestSize);
        expect(layout.memoryPages * 65536).toBe(address.guest + layout.guestSize);
        expect(input.address % (2 * input.size)).toBe(0);
        expect([layout.writable.address, end(layout.writable)]).toEqual([ram.address, end(output)]);
        expect(root.address % 4096).toBe(0);
        expect(output.address % 4096).toBe(0);
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
    ["an input drive of 2 GiB", { inputLog2Size: 31 }],
    ["an input drive without room for a source", { inputLog2Size: 12 }],
    ["an output drive of 2 GiB", { outputLog2Size: 31 }],
    ["an output drive without room for an artifact", { outputLog2Size: 16 }],
    ["more memory than there is", { ramSize: 3900 * mebibyte }],
  ])("refuses %s", (_, change) => {
    expect(() => planLayout({ ...small, ...change })).toThrowError(
      expect.objectContaining({ code: "guest/bad-layout", details: expect.objectContaining({}) }),
    );
  });
});
