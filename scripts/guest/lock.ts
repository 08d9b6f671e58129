import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { packageFiles } from "../../src/core/node/packageFiles.ts";
import { kernelLockFile, parseKernelLock } from "../../src/guest/images/kernelLock.ts";

/** What the images are made from and with, and what has to come out: `packages.lock.json`. */
const file = new URL("packages.lock.json", import.meta.url);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.string().regex(/^[A-Za-z0-9.:+~-]+$/);
const debianPackage = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
  version,
  /** In a mirror of Debian. */
  path: z.string().regex(/^pool\/[A-Za-z0-9/._+~-]+$/),
  sha256,
});
const npmPackage = z.strictObject({ name: z.string().regex(/^@?[a-z0-9/-]+$/), version, sha256 });
const schema = z.strictObject({
  version: z.literal(1),
  debian: z.array(debianPackage),
  npm: z.array(npmPackage),
  /** Versions of the host's packages that the images' hashes below were made with. */
  toolchain: z.record(z.string(), version),
  images: z.record(z.string(), sha256),
});

export type DebianPackage = z.infer<typeof debianPackage>;
export type NpmPackage = z.infer<typeof npmPackage>;
export type Lock = z.infer<typeof schema>;

const kernelFile = new URL(kernelLockFile, packageFiles.locks);

/** The lock; the kernel's image is pinned with the environments that come with Assay. */
export function readLock(): Lock {
  const lock = schema.parse(JSON.parse(readFileSync(file, "utf8")));
  const { sha256: kernel } = parseKernelLock(readFileSync(kernelFile, "utf8"));
  return { ...lock, images: { ...lock.images, kernel } };
}

export function writeLock(lock: Lock): void {
  const { kernel, ...images } = lock.images;
  writeFileSync(file, `${JSON.stringify(schema.parse({ ...lock, images }), null, 2)}\n`);
  writeFileSync(kernelFile, `${JSON.stringify({ version: 1, sha256: kernel }, null, 2)}\n`);
}

export function debianPackageOf(lock: Lock, name: string): DebianPackage {
  return named(lock.debian, name);
}

export function npmPackageOf(lock: Lock, name: string): NpmPackage {
  return named(lock.npm, name);
}

function named<T extends { readonly name: string }>(packages: readonly T[], name: string): T {
  const found = packages.find((each) => each.name === name);
  if (found === undefined) throw new Error(`packages.lock.json does not pin ${name}`);
  return found;
}
