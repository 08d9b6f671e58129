import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether Linux's own tools for erofs images (Debian: erofs-utils) are here. */
export const hasErofsTools = spawnSync("fsck.erofs", ["-V"]).error === undefined;

/** Whether files may be given to other owners here, and devices made. */
export const isRoot = process.getuid?.() === 0;

/** What a path is, as far as tools that extract images show it: for comparison. */
export interface ShownPath {
  readonly path: string;
  readonly kind: string;
  readonly mode: number;
  readonly owner: string;
  readonly time: number;
  /** Of files and links, in hexadecimal; of devices their numbers. */
  readonly content: string;
}

/** Checks an image with fsck.erofs and shows what it extracts, sorted; paths one character for each byte. */
export function extractErofs(image: Uint8Array, ...options: string[]): ShownPath[] {
  return inFolder((folder) => {
    writeFileSync(join(folder, "image"), image);
    execFileSync("fsck.erofs", [...options, `--extract=${folder}/tree`, `${folder}/image`], { stdio: "pipe" });
    return [...walk(Buffer.from(join(folder, "tree")), "")].sort((a, b) => (a.path < b.path ? -1 : 1));
  });
}

/** What dump.erofs says of a path of an image. */
export function dumpErofs(image: Uint8Array, path: string): string {
  return inFolder((folder) => {
    writeFileSync(join(folder, "image"), image);
    return execFileSync("dump.erofs", [`--path=${path}`, `${folder}/image`], { encoding: "utf8" });
  });
}

/** The image that mkfs.erofs makes of a folder. */
export function mkfsErofs(tree: string, ...options: string[]): Uint8Array {
  return inFolder((folder) => {
    execFileSync("mkfs.erofs", ["--quiet", ...options, `${folder}/image`, tree], { stdio: "pipe" });
    return readFileSync(join(folder, "image"));
  });
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "assay-erofs-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* walk(place: Buffer, path: string): Generator<ShownPath> {
  const found = lstatSync(place);
  const kind = found.isDirectory()
    ? "directory"
    : found.isSymbolicLink()
      ? "symlink"
      : found.isFile()
        ? "file"
        : found.isFIFO()
          ? "fifo"
          : found.isSocket()
            ? "socket"
            : found.isCharacterDevice()
              ? "characterDevice"
              : "blockDevice";
  const content =
    kind === "file"
      ? readFileSync(place).toString("hex")
      : kind === "symlink"
        ? readlinkSync(place, "buffer").toString("hex")
        : kind.endsWith("Device")
          ? String(found.rdev)
          : "";
  const { mode, uid, gid } = found;
  // fsck.erofs leaves the attributes of links, and of the folder that it makes, to the system.
  const own = kind === "symlink" || path === "" ? { mode: 0, owner: "", time: 0 } : undefined;
  yield { path, kind, mode: mode & 0o7777, owner: `${uid}:${gid}`, time: found.mtimeMs / 1000, content, ...own };
  if (kind !== "directory") return;
  for (const name of readdirSync(place, { encoding: "buffer" })) {
    const below = path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`;
    yield* walk(Buffer.concat([place, Buffer.from("/"), name]), below);
  }
}
