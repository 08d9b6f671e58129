import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { environmentPlaces } from "../../src/cli/environmentPlaces.ts";
import { environmentAt, indexPath } from "../../src/guest/environmentIndex.ts";
import { imageNames } from "../../src/guest/manifest.ts";
import { imageFile, readImages, readManifest } from "../../src/guest/node/environmentCache.ts";
import { type FetchOptions, fetchEnvironment, findByName } from "../../src/guest/node/fetchEnvironment.ts";
import { addManifest, manifestUpload } from "../../src/guest/node/manifestFiles.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { defaultFetchLimits } from "../../src/store/fetchLimits.ts";
import { mirrorSource } from "../../src/store/mirrors.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { openStore } from "../../src/store/node/openStore.ts";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { startMirror } from "../support/mirrors.ts";
import { rangedMirror } from "../support/rangedMirror.ts";
import { keepEnvironment, type ToyEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

let hasher: KeccakKernel;
let toy: ToyEnvironment;
let other: ToyEnvironment;
beforeAll(async () => {
  hasher = await loadKeccakKernel();
  toy = await toyEnvironment();
  other = await toyEnvironment({ ramSize: 34 * 2 ** 20 });
});

let cache: string;
let shop: string;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "assay-cache-"));
  shop = await mkdtemp(join(tmpdir(), "assay-shop-"));
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  for (const folder of [cache, shop]) await rm(folder, { recursive: true, force: true });
});

/** Puts an environment into the shop's folder, or only what is said of it. */
async function publish({ manifest, images }: ToyEnvironment, withImages = true): Promise<void> {
  if (withImages) for (const name of imageNames) await directoryStore(shop).put(images[name]);
  expect(await addManifest(shop, manifest)).toBe(undefined);
}

const faults: string[] = [];
async function take(stores: readonly string[], change: Partial<FetchOptions> = {}) {
  faults.length = 0;
  const descriptions = stores.map((url) => ({ url, write: false }));
  return await fetchEnvironment(toy.manifest.id, {
    ...{ folder: cache, hasher, places: environmentPlaces(descriptions), source: openStore(descriptions) },
    onFault: (_, why) => faults.push(why),
    ...change,
  });
}

const folderUrl = () => pathToFileURL(shop).href;
async function serve(): Promise<string> {
  const fileAt = (path: string) => (environmentAt(path) === undefined ? undefined : join(shop, path));
  const served = await serveStore({ folder: shop, host: "127.0.0.1", port: 0, fileAt });
  open.push(served);
  return served.url;
}

describe("an environment found by its id", () => {
  it("comes from a folder or a server, whole, and is there afterwards", async () => {
    await publish(toy);
    for (const url of [folderUrl(), await serve()]) {
      expect(await take([url])).toMatchObject({ wasThere: false, manifest: { id: toy.manifest.id } });
      expect(await readManifest(cache, "toy", hasher)).toEqual(toy.manifest);
      expect((await readImages(cache, toy.manifest)).kernel.length).toBe(toy.images.kernel.length);
      expect(await take([url])).toMatchObject({ wasThere: true });
      expect(await readdir(join(cache, "work"))).toEqual([]);
      await rm(cache, { recursive: true });
    }
  });

  it("is not found where nobody knows it, and the places are named", async () => {
    const url = await serve();
    await expect(take([folderUrl(), url])).rejects.toMatchObject({
      code: "guest/not-found",
      message: expect.stringContaining(`${folderUrl()}, ${url}`),
    });
  });

  it("is found past manifests that say the id of another one, and past a server that fails", async () => {
    const failing = await startMirror((_, response) => void response.writeHead(500).end());
    open.push(failing);
    await publish(toy);
    const { images, eventsPerTick, timeDivider } = toy.manifest;
    await rm(join(shop, indexPath(toy.manifest.id)));
    const missing = { ...images, root: { ...images.root, sha256: `0x${"0".repeat(64)}` as const } };
    // Each has the right id and the right siblings, which say nothing of the rest.
    await addManifest(shop, { ...toy.manifest, images: missing });
    await addManifest(shop, { ...toy.manifest, eventsPerTick: eventsPerTick + 1 });
    await addManifest(shop, { ...toy.manifest, timeDivider: timeDivider + 1 });
    await addManifest(shop, toy.manifest);
    expect(await take([failing.url, folderUrl()])).toMatchObject({ wasThere: false, manifest: toy.manifest });
    expect(faults).toEqual([
      `${failing.url} answered with status 500`,
      expect.stringContaining(missing.root.sha256.slice(2)),
      expect.stringContaining("eventsPerTick must be"),
      expect.stringContaining("follows the id"),
    ]);
  });

  it("is refused where its images give another id, and nothing of it is kept", async () => {
    for (const name of imageNames) await directoryStore(shop).put(toy.images[name]);
    await addManifest(shop, { ...toy.manifest, timeDivider: toy.manifest.timeDivider + 1 });
    await expect(take([folderUrl()])).rejects.toMatchObject({ code: "guest/other-environment" });
    const { kernel } = toy.manifest.images;
    await expect(readFile(imageFile(cache, kernel.sha256))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await readdir(join(cache, "work"))).toEqual([]);
  });

  it("goes on where it was interrupted", async () => {
    await publish(toy, false);
    const { kernel, root } = toy.images;
    const ranges: unknown[] = [];
    let isBroken = true;
    const answers = {
      kernel: rangedMirror(() => ({ content: kernel, ...(isBroken && { stallsAfter: 200_000 }) })),
      root: rangedMirror(() => ({ content: root })),
    };
    const mirror = await startMirror((request, response) => {
      const isKernel = request.url!.endsWith(toy.manifest.images.kernel.sha256.slice(2));
      if (isKernel) ranges.push(request.headers.range);
      answers[isKernel ? "kernel" : "root"](request, response);
    });
    open.push(mirror);
    const source = () =>
      mirrorSource([mirror.url], { limits: { ...defaultFetchLimits, progressMilliseconds: 100, tries: 1 } });
    await expect(take([folderUrl()], { source: source() })).rejects.toMatchObject({ code: "store/unreachable-fault" });
    isBroken = false;
    const progress: number[] = [];
    const onProgress = (_: string, bytes: number) => void progress.push(bytes);
    expect(await take([folderUrl()], { source: source(), onProgress })).toMatchObject({ wasThere: false });
    expect(ranges).toEqual([undefined, "bytes=200000-"]);
    expect(progress[0]).toBe(200_000);
  });
});

describe("an environment found by a name", () => {
  const from = (url: string) => ({ folder: cache, hasher, places: environmentPlaces([{ url, write: false }]) });

  it("has the id that it was published with, if there is one", async () => {
    await publish(toy);
    for (const url of [folderUrl(), await serve()]) expect(await findByName("toy", from(url))).toBe(toy.manifest.id);
    await expect(findByName("other", from(folderUrl()))).rejects.toMatchObject({ code: "guest/not-found" });
    await publish(other);
    await expect(findByName("toy", from(folderUrl()))).rejects.toMatchObject({
      code: "guest/ambiguous-name",
      message: expect.stringContaining(`${toy.manifest.id}, ${other.manifest.id}`),
    });
  });

  it("does not replace another one of that name, unless its id is trusted", async () => {
    await keepEnvironment(cache, other);
    await publish(toy);
    await expect(take([folderUrl()], { isTrusted: false })).rejects.toMatchObject({ code: "guest/other-environment" });
    expect(await readManifest(cache, "toy", hasher)).toEqual(other.manifest);
    await take([folderUrl()]);
    expect(await readManifest(cache, "toy", hasher)).toEqual(toy.manifest);
  });
});

describe("what a server takes of environments", () => {
  it("is a manifest of the id that the path says, a few times", async () => {
    const upload = manifestUpload(shop, indexPath(toy.manifest.id), hasher)!;
    expect(await upload.keep("{}")).toBe("this is not a manifest of that environment");
    expect(await upload.keep(JSON.stringify(other.manifest))).toBe("this is not a manifest of that environment");
    expect(await upload.keep(JSON.stringify(toy.manifest))).toBe(undefined);
    expect(await upload.keep(JSON.stringify(toy.manifest))).toBe(undefined);
    const lines = (await readFile(join(shop, indexPath(toy.manifest.id)), "utf8")).split("\n").filter(Boolean);
    expect(lines).toHaveLength(1);
    let refused: string | undefined;
    for (let i = 0; i < 100 && refused === undefined; i++) {
      refused = await upload.keep(JSON.stringify({ ...toy.manifest, name: `toy${i}` }));
    }
    expect(refused).toBe("there is too much about this environment already");
    expect(manifestUpload(shop, "environments/x.jsonl", hasher)).toBe(undefined);
    const named = manifestUpload(shop, indexPath({ name: "toy" }), hasher)!;
    expect(await named.keep(JSON.stringify({ ...toy.manifest, name: "other" }))).toContain("not a manifest");
    expect(await named.keep(JSON.stringify(toy.manifest))).toBe(undefined);
  });
});
