import { lstatSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, readdir, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./run.ts";

/** A root file system in the making: a folder on the host in which only content, names and modes 644 and 755 count. */
export class RootTree {
  constructor(readonly folder: string) {}

  /** The folders that init mounts something on. */
  async addMountPoints(): Promise<void> {
    for (const name of ["dev", "proc", "sys", "run", "tmp", "w"]) await this.addFolder(name);
  }

  has(path: string): boolean {
    return lstatSync(join(this.folder, path), { throwIfNoEntry: false }) !== undefined;
  }

  async addFolder(path: string): Promise<void> {
    await mkdir(join(this.folder, path), { recursive: true });
  }

  async addFile(path: string, from: string, mode: 0o644 | 0o755 = 0o644): Promise<void> {
    const to = join(this.folder, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, mode);
  }

  /** Copies a folder with everything in it; symbolic links stay what they are. */
  async addTree(path: string, from: string): Promise<void> {
    await cp(from, join(this.folder, path), { recursive: true, verbatimSymlinks: true });
  }

  async addLink(path: string, target: string): Promise<void> {
    const link = join(this.folder, path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link);
  }

  /**
   * Writes the tree as an uncompressed erofs image that depends on nothing but the tree's content, names and modes: no
   * times, no owners, no extended attributes, one identifier for all.
   */
  async writeImage(file: string): Promise<string> {
    await setModes(this.folder);
    const noIdentifier = "00000000-0000-0000-0000-000000000000";
    await run("mkfs.erofs", ["-d0", "-T0", "--all-root", "-x-1", "-U", noIdentifier, file, this.folder]);
    return file;
  }
}

/** Folders and what is executable 755, everything else 644, whatever the umask was. */
async function setModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await setModes(path);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
