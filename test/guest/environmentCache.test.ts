import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hex } from "../../src/core/bytes.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { imageFile, readImages } from "../../src/guest/node/environmentCache.ts";

const contents = { kernel: Buffer.alloc(3_000_001, "kernel"), root: Buffer.alloc(4096, "root") };
const reference = (bytes: Buffer) => ({
  sha256: `0x${createHash("sha256").update(bytes).digest("hex")}` as Hex,
  size: bytes.length,
});
const manifest = {
  name: "toy",
  images: { kernel: reference(contents.kernel), root: reference(contents.root) },
} as GuestManifest;
const kernelFile = () => imageFile(folder, manifest.images.kernel.sha256);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-cache-"));
  for (const name of ["kernel", "root"] as const) {
    const file = imageFile(folder, manifest.images[name].sha256);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents[name]);
  }
});
afterEach(() => rm(folder, { recursive: true }));

describe("the images of an environment", () => {
  it("are read into memory that threads can share", async () => {
    const images = await readImages(folder, manifest);
    for (const name of ["kernel", "root"] as const) {
      expect(images[name].buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(Buffer.compare(images[name], contents[name])).toBe(0);
    }
  });

  it("are refused when a byte differs, when they are cut off, and when one is missing", async () => {
    const refusal = (code: string, text: RegExp) =>
      expect(readImages(folder, manifest)).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
    await writeFile(kernelFile(), Buffer.from(contents.kernel).fill(1, 2_999_999, 3_000_000));
    await refusal("guest/bad-image", /has sha256 0x.*import it again/);
    await truncate(kernelFile(), 5);
    await refusal("guest/bad-image", /has 5 bytes, not 3000001/);
    await rm(kernelFile());
    await refusal("guest/image-missing", /assay env import <file>/);
  });
});
