/** OCI images as trees: a layout's riscv64 image, each blob checked against its digest before anything of it counts. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Readable, Transform, type TransformCallback } from "node:stream";
import * as zlib from "node:zlib";
import { z } from "zod";
import { AssayError } from "../../../core/errors.ts";
import { checkValue, parseJson } from "../../../core/json.ts";
import { Layer } from "../layer.ts";
import { RootTree } from "../rootTree.ts";
import { maxContentBytes } from "../treeSize.ts";
import { archiveEntries, putEntry } from "./archiveEntries.ts";
import type { Spool } from "./spool.ts";

const maxJsonBytes = 2 ** 22;
const maxLayers = 256;
const maxLayerBytes = 2 * maxContentBytes;
const maxDepth = 4;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const descriptor = z.object({
  mediaType: z.string().default(""),
  digest,
  size: z.int().min(0),
  platform: z.object({ architecture: z.string(), os: z.string() }).optional(),
});
const index = z.object({ manifests: z.array(descriptor).min(1) });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor).max(maxLayers) });
const config = z.object({
  architecture: z.string(),
  os: z.string(),
  config: z.object({ Env: z.array(z.string()).nullish(), WorkingDir: z.string().nullish() }).nullish(),
  rootfs: z.object({ diff_ids: z.array(digest) }),
});

type Descriptor = z.infer<typeof descriptor>;

/**
 * The tree of a layout's only image for riscv64, and what its configuration says of variables.
 * @param folder the layout: `index.json` and `blobs/sha256/...`.
 * @throws AssayError `guest/bad-tree`
 */
export async function ociTree(folder: string, spool: Spool): Promise<{ tree: RootTree; variables: string }> {
  const blobs = join(folder, "blobs");
  const text = await readFile(join(folder, "index.json"), "utf8").catch((cause) => {
    throw bad(`there is no index.json in ${folder}: name a folder or tar archive in OCI layout`, cause);
  });
  const image = await imageOf(checkValue(parseJson(text, bad), index, bad).manifests, blobs, 0);
  const { config: configured, layers } = checkValue(await readJson(image, blobs), manifest, bad);
  const { architecture, os, rootfs, ...rest } = checkValue(await readJson(configured, blobs), config, bad);
  if (architecture !== "riscv64" || os !== "linux")
    throw bad(`it is for ${os} on ${architecture}, not linux on riscv64`);
  if (rootfs.diff_ids.length !== layers.length) {
    throw bad(`its configuration lists ${rootfs.diff_ids.length} layers, its manifest ${layers.length}`);
  }
  const tree = new RootTree();
  for (const [i, layer] of layers.entries()) await addLayer(tree, layer, rootfs.diff_ids[i]!, blobs, spool);
  return { tree, variables: variablesOf(rest.config?.Env ?? [], rest.config?.WorkingDir ?? "") };
}

/** The manifest for riscv64 among those that an index lists, or the only one where none says what it is for. */
async function imageOf(manifests: readonly Descriptor[], blobs: string, depth: number): Promise<Descriptor> {
  if (depth === maxDepth) throw bad("its indexes lead to indexes without end");
  const named = manifests.filter(({ platform }) => platform?.architecture === "riscv64" && platform.os === "linux");
  const open = manifests.filter(({ platform }) => platform === undefined);
  const [found, ...others] = named.length > 0 ? named : open;
  if (found === undefined) {
    const platforms = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`);
    throw bad(`it has no image for linux/riscv64, only ${platforms.join(", ")}`);
  }
  if (others.length > 0) throw bad("it holds several images for linux/riscv64: name a layout with one");
  if (!/index|manifest\.list/.test(found.mediaType)) return found;
  return await imageOf(checkValue(await readJson(found, blobs), index, bad).manifests, blobs, depth + 1);
}

function blobFile({ digest }: Descriptor, blobs: string): string {
  return join(blobs, ...digest.split(":"));
}

async function checkSize(of: Descriptor, blobs: string): Promise<void> {
  const found = await stat(blobFile(of, blobs)).catch((cause) => {
    throw bad(`the blob ${of.digest} is not in it`, cause);
  });
  if (!found.isFile()) throw bad(`the blob ${of.digest} is no file`);
  if (found.size !== of.size) throw bad(`the blob ${of.digest} has ${found.size} bytes, not ${of.size}`);
}

async function readJson(of: Descriptor, blobs: string): Promise<unknown> {
  if (of.size > maxJsonBytes) throw bad(`the blob ${of.digest} has ${of.size} bytes, more than ${maxJsonBytes}`);
  await checkSize(of, blobs);
  const bytes = await readFile(blobFile(of, blobs));
  checkDigest(of.digest, createHash("sha256").update(bytes).digest("hex"));
  return parseJson(bytes.toString("utf8"), bad);
}

async function addLayer(tree: RootTree, of: Descriptor, diffId: string, blobs: string, spool: Spool): Promise<void> {
  await checkSize(of, blobs);
  const packed = new Hashing();
  const plain = new Hashing();
  const source = createReadStream(blobFile(of, blobs), { highWaterMark: 2 ** 18 });
  const archive = chain(source, packed, decompressor(of.mediaType), plain);
  const layer = new Layer(tree);
  try {
    for await (const entry of archiveEntries(archive)) {
      const path = entry.path
        .split("/")
        .filter((name) => name !== "" && name !== ".")
        .join("/");
      if (layer.takeAway(path) || entry.type === "special") continue;
      // The target first: a name may be replaced by a link to what it was.
      const target = entry.type === "hard link" ? tree.get(entry.target) : undefined;
      layer.claim(path, entry.type === "folder" ? "folder" : "other");
      if (target !== undefined && target.kind !== "folder") tree.put(path, target);
      else await putEntry(tree, { ...entry, path }, spool);
    }
  } catch (error) {
    if (error instanceof AssayError) throw error;
    throw bad(`the layer ${of.digest} cannot be read: ${(error as Error).message}`, error);
  }
  checkDigest(of.digest, packed.digest());
  checkDigest(diffId, plain.digest());
}

/** Hashes what passes through it. */
class Hashing extends Transform {
  private readonly hash = createHash("sha256");
  private ended = false;
  private bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > maxLayerBytes) {
      done(bad(`a layer has more than ${maxLayerBytes} bytes`));
      return;
    }
    this.hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: () => void): void {
    this.ended = true;
    done();
  }

  /** Of everything that came, once it has come to its end. */
  digest(): string {
    if (!this.ended) throw bad("a layer goes on behind the end of its archive");
    return this.hash.digest("hex");
  }
}

/** Streams one into the other; whatever fails, fails the last. */
function chain(first: Readable, ...rest: readonly Transform[]): Readable {
  let at: Readable = first;
  for (const next of rest) {
    at.on("error", (error) => next.destroy(error));
    at = at.pipe(next);
  }
  return at;
}

function decompressor(mediaType: string): Transform {
  if (/[+.]gzip$/.test(mediaType)) return zlib.createGunzip();
  if (/[.]tar$|\.layer\.v1\.tar$/.test(mediaType)) return new PassThrough();
  if (/[+.]zstd$/.test(mediaType)) {
    if ("createZstdDecompress" in zlib) return zlib.createZstdDecompress();
    throw bad("its layers are compressed with zstd, which Node has from 22.15 on");
  }
  throw bad(`it has a layer of the kind ${JSON.stringify(mediaType)}: tar, tar+gzip and tar+zstd are read`);
}

function variablesOf(env: readonly string[], folder: string): string {
  const all = folder === "" ? env : [...env, `IMAGE_WORKDIR=${folder}`];
  for (const line of all) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*=[^\n\0]*$/.test(line))
      throw bad(`its variable ${JSON.stringify(line)} cannot be one`);
  }
  return all.map((line) => `${Buffer.from(line, "utf8").toString("latin1")}\n`).join("");
}

function checkDigest(expected: string, given: string): void {
  if (expected !== `sha256:${given}`) throw bad(`a blob has sha256:${given}, not ${expected}`);
}

function bad(fact: string, cause?: unknown) {
  return new AssayError("guest/bad-tree", `the OCI image cannot be taken: ${fact}`, {}, { cause });
}
