import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { diskError, writeFileAtomically } from "./atomicFile.ts";

/** The file in a store's folder that says who has written what: a JSON object in each line. */
export const accountsFile = "uploads.jsonl";

const schema = z.object({
  /** Below the store's folder. */
  path: z.string().max(300),
  token: z.string().max(64),
  bytes: z.int().nonnegative(),
});

/** What somebody has written, and counts for its quota as long as the file is there. */
type Upload = z.infer<typeof schema>;

/** Room that has been promised to an upload under way. */
export interface Reservation {
  /** It stands: the bytes count from now on. @throws AssayError `store/full-fault`, `store/io-fault` */
  keep(path: string): Promise<void>;
  /** Gives the room back; nothing once it has been kept. */
  release(): void;
}

/** Why an upload has no room. */
export type NoRoom = "token" | "total";

/** Counts what each token has written to a store's folder. One process at a time. */
export class UploadAccounts {
  private readonly promised = new Map<string, number>();

  private constructor(
    private readonly folder: string,
    private uploads: readonly Upload[],
  ) {}

  static async open(folder: string): Promise<UploadAccounts> {
    const text = await readFile(join(folder, accountsFile), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw diskError(error, "read", join(folder, accountsFile));
    });
    const accounts = new UploadAccounts(folder, text.split("\n").flatMap(uploadIn));
    await accounts.forgetDeleted();
    return accounts;
  }

  /** Promises room to an upload. @returns whose quota has none left, if that is so. */
  async reserve(token: string, bytes: number, quotaBytes: number, totalBytes: number): Promise<Reservation | NoRoom> {
    let lacking = this.lacking(token, bytes, quotaBytes, totalBytes);
    if (lacking !== undefined) {
      await this.forgetDeleted();
      lacking = this.lacking(token, bytes, quotaBytes, totalBytes);
    }
    if (lacking !== undefined) return lacking;
    this.promised.set(token, (this.promised.get(token) ?? 0) + bytes);
    let isHeld = true;
    const release = () => {
      if (isHeld) this.promised.set(token, this.promised.get(token)! - bytes);
      isHeld = false;
    };
    return {
      release,
      keep: async (path) => {
        release();
        const upload = { path, token, bytes };
        this.uploads = [...this.uploads, upload];
        const file = join(this.folder, accountsFile);
        try {
          makeFolder(this.folder);
          await appendFile(file, `${JSON.stringify(upload)}\n`, { mode: 0o600, flush: true });
        } catch (cause) {
          throw diskError(cause, "write", file);
        }
      },
    };
  }

  /** Whether somebody has written the file at this path. */
  has(path: string): boolean {
    return this.uploads.some((upload) => upload.path === path);
  }

  private lacking(token: string, bytes: number, quotaBytes: number, totalBytes: number): NoRoom | undefined {
    const own = this.uploads.filter((upload) => upload.token === token);
    if (sizeOf(own) + (this.promised.get(token) ?? 0) + bytes > quotaBytes) return "token";
    const promised = [...this.promised.values()].reduce((sum, each) => sum + each, 0);
    return sizeOf(this.uploads) + promised + bytes > totalBytes ? "total" : undefined;
  }

  /** What has been deleted since, by garbage collection or by hand, does not count any more. */
  private async forgetDeleted(): Promise<void> {
    const before = this.uploads;
    const isThere = new Map<string, boolean>();
    for (const { path } of before) {
      if (isThere.has(path)) continue;
      const found = await stat(join(this.folder, path)).catch(() => undefined);
      isThere.set(path, found !== undefined);
    }
    if ([...isThere.values()].every(Boolean)) return;
    const added = this.uploads.slice(before.length);
    this.uploads = [...before.filter(({ path }) => isThere.get(path)), ...added];
    const text = this.uploads.map((upload) => `${JSON.stringify(upload)}\n`).join("");
    await writeFileAtomically(join(this.folder, accountsFile), text, 0o600);
  }
}

function sizeOf(uploads: readonly Upload[]): number {
  return uploads.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A line that a killed process has left half-written is none. */
function uploadIn(line: string): Upload[] {
  try {
    const upload = schema.safeParse(JSON.parse(line));
    return upload.success && /^(\w+\/)*[\w.]+$/.test(upload.data.path) ? [upload.data] : [];
  } catch {
    return [];
  }
}
