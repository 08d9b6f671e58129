import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, gunzipSync, gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { encodeManifest } from "../../src/guest/manifestText.ts";
import { packEnvironment } from "../../src/guest/node/environmentArchive.ts";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { type ImportOptions, importEnvironment } from "../../src/guest/node/importEnvironment.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { keepEnvironment, type ToyEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

let hasher: KeccakKernel;
let toy: ToyEnvironment;
let other: ToyEnvironment;
let archive: Buffer;
beforeAll(async () => {
  hasher = await loadKeccakKernel();
  toy = await toyEnvironment();
  other = await toyEnvironment({ ramSize: 34 * 2 ** 20 });
  const folder = await mkdtemp(join(tmpdir(), "assay-export-"));
  await keepEnvironment(folder, toy);
  archive = await collect(packEnvironment(folder, toy.manifest));
  await rm(folder, { recursive: true });
});

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "assay-import-"));
});
afterEach(() => rm(cache, { recursive: true }));

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function take(file: Uint8Array, options: Partial<ImportOptions> = {}) {
  const chunks = Readable.from([Buffer.from(file)]).pipe(createGunzip());
  return importEnvironment(chunks, { folder: cache, hasher, ...options });
}

/** Names of all files in the cache. */
async function inCache(): Promise<string[]> {
  const entries = await readdir(cache, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function refusal(file: Uint8Array, code: string, text: RegExp, options: Partial<ImportOptions> = {}) {
  await expect(take(file, options)).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
  expect(await inCache()).toEqual([]);
}

type File = readonly [Partial<Header> & { name: string }, Uint8Array | undefined];

/** Any archive, gzipped. */
async function archiveOf(files: readonly File[]): Promise<Buffer> {
  const made = pack();
  for (const [header, content] of files) {
    const fixed = { mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 };
    if (content === undefined) made.entry({ ...fixed, ...header });
    else made.entry({ ...fixed, ...header }, Buffer.from(content));
  }
  made.finalize();
  return gzipSync(await collect(Readable.from(made)), { level: 1 });
}

const manifestOf = (changes: Partial<GuestManifest> = {}): File => [
  { name: "manifest.json" },
  new TextEncoder().encode(encodeManifest({ ...toy.manifest, ...changes })),
];
const image = (name: "kernel" | "root", content = toy.images[name]): File => [{ name }, content];

describe("an environment as a file", () => {
  it("comes into another cache as it was, and again without harm", async () => {
    expect(await take(archive)).toEqual({ manifest: toy.manifest, wasThere: false });
    expect(await readFile(manifestFile(cache, "toy"), "utf8")).toBe(encodeManifest(toy.manifest));
    for (const name of ["kernel", "root"] as const) {
      const file = await readFile(imageFile(cache, toy.manifest.images[name].sha256));
      expect(Buffer.compare(file, toy.images[name])).toBe(0);
    }
    expect((await inCache()).length).toBe(3);
    expect(await take(archive, { trustedId: toy.manifest.id })).toEqual({ manifest: toy.manifest, wasThere: true });
    expect(await readdir(join(cache, "work"))).toEqual([]);
  });

  it("has the same bytes wherever it is made, and other programs can read it", async () => {
    expect(Buffer.compare(await archiveOf([manifestOf(), image("kernel"), image("root")]), archive)).not.toBe(0);
    const files = await archiveOf([manifestOf(), image("kernel"), image("root")]);
    expect(Buffer.compare(gunzipSync(files), gunzipSync(archive))).toBe(0);
  });

  it("heals a cache in which an image is damaged or missing", async () => {
    await take(archive);
    const kernel = imageFile(cache, toy.manifest.images.kernel.sha256);
    await writeFile(kernel, "something else");
    await rm(imageFile(cache, toy.manifest.images.root.sha256));
    expect(await take(archive)).toMatchObject({ wasThere: false });
    expect(Buffer.compare(await readFile(kernel), toy.images.kernel)).toBe(0);
    expect(await take(archive)).toMatchObject({ wasThere: true });
  });

  it("is not written from images that are not those of the manifest", async () => {
    await keepEnvironment(cache, toy);
    await writeFile(imageFile(cache, toy.manifest.images.root.sha256), Buffer.from(toy.images.root).fill(0, 5, 9));
    await expect(collect(packEnvironment(cache, toy.manifest))).rejects.toMatchObject({ code: "guest/bad-image" });
    await rm(imageFile(cache, toy.manifest.images.root.sha256));
    await expect(collect(packEnvironment(cache, toy.manifest))).rejects.toMatchObject({ code: "guest/image-missing" });
  });

  it("replaces another environment of its name only when its id is trusted", async () => {
    await keepEnvironment(cache, other);
    await expect(take(archive)).rejects.toMatchObject({
      code: "guest/other-environment",
      message: expect.stringMatching(/--id/),
    });
    expect(await readFile(manifestFile(cache, "toy"), "utf8")).toContain(other.manifest.id);
    await take(archive, { trustedId: toy.manifest.id });
    expect(await readFile(manifestFile(cache, "toy"), "utf8")).toContain(toy.manifest.id);
  });

  it("sweeps what an import left that was killed, and nothing else", async () => {
    await keepEnvironment(join(cache, "work", "import-999999999-ab"), toy);
    await keepEnvironment(join(cache, "work", `import-${process.pid}-ab`), toy);
    await take(archive);
    expect(await readdir(join(cache, "work"))).toEqual([`import-${process.pid}-ab`]);
  });
});

describe("an import refuses, without a trace in the cache,", () => {
  const archiveError = "guest/bad-archive";
  it.each<[string, () => Promise<Buffer> | Buffer, string, RegExp]>([
    ["a file that is not compressed", () => gunzipSync(archive), archiveError, /not compressed/],
    ["an empty file", () => gzipSync(""), archiveError, /cut off/],
    ["no archive", () => gzipSync(Buffer.alloc(5000, "x")), archiveError, /first file is not a manifest/],
    [
      "a manifest that is too large",
      () => archiveOf([[{ name: "manifest.json" }, new Uint8Array(70_000)]]),
      archiveError,
      /manifest/,
    ],
    [
      "a manifest that is none",
      () => archiveOf([[{ name: "manifest.json" }, Buffer.from("{}")]]),
      "guest/bad-manifest",
      /version/,
    ],
    ["another first file", () => archiveOf([image("kernel"), manifestOf()]), archiveError, /./],
    [
      "images in another order",
      () => archiveOf([manifestOf(), image("root"), image("kernel")]),
      archiveError,
      /"root"/,
    ],
    [
      "a path out of the folder",
      () => archiveOf([manifestOf(), [{ name: "../kernel" }, toy.images.kernel]]),
      archiveError,
      /"..\/kernel"/,
    ],
    [
      "a link",
      () => archiveOf([manifestOf(), [{ name: "kernel", type: "symlink", linkname: "../x" }, undefined]]),
      archiveError,
      /another kind/,
    ],
    [
      "a hard link",
      () => archiveOf([manifestOf(), [{ name: "kernel", type: "link", linkname: "root" }, undefined]]),
      archiveError,
      /another kind/,
    ],
    [
      "a device",
      () => archiveOf([manifestOf(), [{ name: "kernel", type: "character-device" }, undefined]]),
      archiveError,
      /another kind/,
    ],
    [
      "extended headers",
      () => archiveOf([manifestOf(), [{ name: "kernel", pax: { comment: "x".repeat(5000) } }, toy.images.kernel]]),
      archiveError,
      /another kind/,
    ],
    [
      "another owner",
      () => archiveOf([manifestOf(), [{ name: "kernel", uid: 1 }, toy.images.kernel]]),
      archiveError,
      /another kind/,
    ],
    [
      "a file more",
      () => archiveOf([manifestOf(), image("kernel"), image("root"), [{ name: "x" }, Buffer.from("x")]]),
      archiveError,
      /follows/,
    ],
    ["a file too few", () => archiveOf([manifestOf(), image("kernel")]), archiveError, /root/],
    [
      "another kernel",
      () => archiveOf([manifestOf(), image("kernel", Buffer.alloc(300_001)), image("root")]),
      archiveError,
      /"kernel" has sha256/,
    ],
    [
      "a kernel of another size",
      () => archiveOf([manifestOf(), image("kernel", Buffer.alloc(9)), image("root")]),
      archiveError,
      /300001 bytes/,
    ],
    [
      "an id without its siblings",
      () => archiveOf([manifestOf({ id: other.manifest.id }), image("kernel"), image("root")]),
      "guest/bad-manifest",
      /siblings/,
    ],
    [
      "an id that does not follow from the images",
      () =>
        archiveOf([
          manifestOf({ id: other.manifest.id, siblings: other.manifest.siblings }),
          image("kernel"),
          image("root"),
        ]),
      "guest/other-environment",
      /follows the id/,
    ],
    [
      "another emulator",
      () => archiveOf([manifestOf({ program: { name: "emulator", sha256: other.manifest.id } })]),
      "guest/other-environment",
      /another emulator/,
    ],
    [
      "another program",
      () => archiveOf([manifestOf({ program: { name: "releaseTarball", sha256: other.manifest.id } })]),
      "guest/other-environment",
      /another emulator/,
    ],
    [
      "sizes that cannot be laid out",
      () => archiveOf([manifestOf({ ramSize: 4080 * 2 ** 20 })]),
      "guest/bad-layout",
      /room/,
    ],
  ])("%s", async (_, make, code, text) => {
    await refusal(await make(), code, text);
  });

  it("what is cut off anywhere", async () => {
    const random = new Random(seed);
    const whole = gunzipSync(archive);
    for (let i = 0; i < 12; i++)
      await refusal(archive.subarray(0, random.below(archive.length)), archiveError, /cut off/);
    for (let i = 0; i < 12; i++) {
      await refusal(
        gzipSync(whole.subarray(0, random.below(whole.length)), { level: 1 }),
        archiveError,
        /cut off|first file/,
      );
    }
  });

  it("what has a bit flipped anywhere", async () => {
    const random = new Random(seed);
    for (let i = 0; i < 40; i++) {
      const whole = gunzipSync(archive);
      let at = i % 2 === 0 ? random.below(3000) : random.below(whole.length);
      // The id says nothing about the name.
      if (at - whole.indexOf('"toy"') < 5 && at >= whole.indexOf('"toy"')) at += 5;
      whole[at]! ^= 1 << random.below(8);
      await expect(take(gzipSync(whole, { level: 1 }))).rejects.toMatchObject({
        code: expect.stringMatching(/^guest\//),
      });
      expect(await inCache()).toEqual([]);
    }
  });

  it("a bomb, after as many bytes as the manifest says", async () => {
    let given = 0;
    async function* endless() {
      yield gunzipSync(archive).subarray(0, -1024);
      for (const zeros = Buffer.alloc(2 ** 20); ; given += zeros.length) yield zeros;
    }
    await expect(importEnvironment(endless(), { folder: cache, hasher })).rejects.toMatchObject({ code: archiveError });
    expect(given).toBeLessThanOrEqual(2 ** 20);
    expect(await inCache()).toEqual([]);
  });

  it("an id that is not the trusted one, before it reads an image", async () => {
    const trustedId = other.manifest.id as Root;
    await refusal(archive, "guest/other-environment", /get another file/, { trustedId });
    await refusal(await archiveOf([manifestOf()]), "guest/other-environment", /get another file/, { trustedId });
    expect(existsSync(join(cache, "work"))).toBe(false);
  });
});
