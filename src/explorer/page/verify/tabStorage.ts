/**
 * The origin's private file system, as a worker uses it: contents that have been fetched, snapshots of runs, shared boots. Nothing depends
 * on it: what it does not give or take comes again.
 */
import type { Root } from "../../../core/bytes.ts";
import { isAssayError } from "../../../core/errors.ts";
import type { ContentId } from "../../../store/contentId.ts";
import { FileSnapshotStorage, type SyncFile } from "./fileSnapshots.ts";
import { KeptContent } from "./keptContent.ts";

/** What the library of types has for windows alone. */
interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncFile>;
}

const folderNames = ["contents", "runs", "boots"] as const;
type FolderName = (typeof folderNames)[number];

/** Of what the browser gives this origin, as much as this at most; the rest is other pages' of the same host. */
const share = 0.5;
const mostBytes = 8 * 2 ** 30;
/** Where a browser does not say what it gives. */
const usualBytes = 2 ** 30;

export class TabStorage {
  private readonly open = new Set<SyncFile>();

  private constructor(
    private readonly folders: Readonly<Record<FolderName, FileSystemDirectoryHandle>>,
    /** Bytes that all of it may take. */
    readonly bytes: number,
  ) {}

  /** @returns undefined where the browser has no such file system, or none for this page. */
  static async open(): Promise<TabStorage | undefined> {
    try {
      const root = await navigator.storage.getDirectory();
      const own = await root.getDirectoryHandle("assay", { create: true });
      const folders = await Promise.all(
        folderNames.map(async (name) => await own.getDirectoryHandle(name, { create: true })),
      );
      const { quota, usage = 0 } = await navigator.storage.estimate();
      const given = quota === undefined ? usualBytes : share * quota;
      const [contents, runs, boots] = folders;
      const storage = new TabStorage({ contents: contents!, runs: runs!, boots: boots! }, Math.min(mostBytes, given));
      if (usage > given / 2) await storage.makeRoom(given / 2);
      return storage;
    } catch {
      return undefined;
    }
  }

  /** Snapshots of a build's run. @returns undefined where another tab has them. */
  async runOf(buildId: Root): Promise<FileSnapshotStorage | undefined> {
    return await this.snapshots("runs", buildId);
  }

  /** The beginning that the builds of an environment share. */
  async bootOf(environmentId: Root): Promise<FileSnapshotStorage | undefined> {
    return await this.snapshots("boots", environmentId);
  }

  /** A content of so many bytes, or what has been fetched of it. @returns undefined where another tab has it. */
  async content(id: ContentId, bytes: number): Promise<KeptContent | undefined> {
    const file = await this.file("contents", id.slice("sha256:".length));
    return file && new KeptContent(file, bytes, () => this.close(file));
  }

  private close(file: SyncFile): void {
    file.close();
    this.open.delete(file);
  }

  private async snapshots(folder: FolderName, name: Root): Promise<FileSnapshotStorage | undefined> {
    const file = await this.file(folder, name.slice(2));
    if (file === undefined) return undefined;
    try {
      return new FileSnapshotStorage(file);
    } catch (error) {
      if (!isAssayError(error, "native/storage-fault")) throw error;
      this.close(file);
      return undefined;
    }
  }

  private async file(folder: FolderName, name: string): Promise<SyncFile | undefined> {
    try {
      const handle = (await this.folders[folder].getFileHandle(name, { create: true })) as WorkerFileHandle;
      const file = await handle.createSyncAccessHandle();
      this.open.add(file);
      return file;
    } catch {
      return undefined;
    }
  }

  /** Removes what has not been written to for longest, until what is left is no more than this. */
  private async makeRoom(bytes: number): Promise<void> {
    const found: { readonly folder: FolderName; readonly name: string; readonly size: number; readonly at: number }[] =
      [];
    for (const folder of folderNames) {
      for await (const [name, handle] of entriesOf(this.folders[folder])) {
        const { size, lastModified: at } = await (handle as FileSystemFileHandle).getFile();
        found.push({ folder, name, size, at });
      }
    }
    let left = found.reduce((sum, { size }) => sum + size, 0);
    for (const { folder, name, size } of found.sort((a, b) => a.at - b.at)) {
      if (left <= bytes) return;
      // What another tab has open stays.
      const isGone = await this.folders[folder].removeEntry(name).then(
        () => true,
        () => false,
      );
      if (isGone) left -= size;
    }
  }
}

function entriesOf(folder: FileSystemDirectoryHandle): AsyncIterable<[string, FileSystemHandle]> {
  return (folder as unknown as { entries(): AsyncIterable<[string, FileSystemHandle]> }).entries();
}
