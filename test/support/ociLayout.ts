import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** An entry of a layer, as a tar header with the file's text. */
export type LayerEntry = Partial<Header> & { readonly name: string; readonly text?: string };

export interface LayoutOptions {
  readonly architecture?: string;
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly compression?: "" | "+gzip" | "+zstd";
  /** Changes what is written: blobs by digest. */
  readonly change?: (blobs: Map<string, Buffer>, layers: readonly string[]) => void;
  /** Changes the configuration or manifest before it is hashed. */
  readonly lie?: (value: { [key: string]: unknown }, kind: "config" | "manifest" | "index") => void;
}

export async function layerOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { text = "", ...header } of entries) {
    const isFile = header.type === undefined || header.type === "file";
    archive.entry(header as Header, isFile ? text : "");
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const compress = {
  "": (bytes: Buffer) => bytes,
  "+gzip": (bytes: Buffer) => gzipSync(bytes),
  "+zstd": (bytes: Buffer) => zstdCompressSync(bytes),
};

/** Writes an image in OCI layout. */
export async function writeLayout(
  folder: string,
  layers: readonly (readonly LayerEntry[] | Buffer)[],
  { architecture = "riscv64", env = [], workingDir, compression = "+gzip", ...rest }: LayoutOptions = {},
): Promise<void> {
  const { change = () => {}, lie = () => {} } = rest;
  const blobs = new Map<string, Buffer>();
  const keep = (bytes: Buffer, mediaType: string) => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: { [key: string]: unknown }, kind: "config" | "manifest" | "index") => {
    lie(value, kind);
    return Buffer.from(JSON.stringify(value));
  };
  const plain = await Promise.all(layers.map((layer) => (Buffer.isBuffer(layer) ? layer : layerOf(layer))));
  const kind = `application/vnd.oci.image.layer.v1.tar${compression}`;
  const packed = plain.map((layer) => keep(compress[compression](layer), kind));
  const config = {
    ...{ architecture, os: "linux", config: { Env: env, WorkingDir: workingDir } },
    rootfs: { type: "layers", diff_ids: plain.map(sha256) },
  };
  const configured = keep(json(config, "config"), "application/vnd.oci.image.config.v1+json");
  const manifest = { schemaVersion: 2, config: configured, layers: packed };
  const image = keep(json(manifest, "manifest"), "application/vnd.oci.image.manifest.v1+json");
  change(
    blobs,
    packed.map(({ digest }) => digest),
  );
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  for (const [digest, bytes] of blobs) await writeFile(join(folder, "blobs", ...digest.split(":")), bytes);
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, "index.json"), json({ schemaVersion: 2, manifests: [image] }, "index"));
}
