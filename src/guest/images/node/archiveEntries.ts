import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { badTree, type RootTree, treeLimits } from "../rootTree.ts";
import type { Spool } from "./spool.ts";

/** One header of a tar archive with the stream of what follows it; paths and targets are byte strings. */
export interface ArchiveEntry {
  readonly type: "file" | "folder" | "symbolic link" | "hard link" | "special";
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** Of a link. */
  readonly target: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Names as bytes; the library's declarations do not have the option. */
const byteNames = { filenameEncoding: "latin1" } as Parameters<typeof extract>[0];

const types: Readonly<Record<string, ArchiveEntry["type"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  symlink: "symbolic link",
  link: "hard link",
};

/**
 * Reads a tar archive, entry by entry: each one's stream has to be read, or is passed over, before the next comes. What the
 * archive says of owners and times is not passed on.
 */
export async function* archiveEntries(archive: Readable): AsyncGenerator<ArchiveEntry> {
  const reader = extract(byteNames);
  archive.on("error", (error) => reader.destroy(error));
  archive.pipe(reader);
  let count = 0;
  try {
    for await (const entry of reader) {
      const { header } = entry;
      const path = byteString(header, "path", header.name);
      if (++count > treeLimits.entries) throw badTree(path, `is one entry too many of its archive`);
      yield {
        type: types[header.type ?? "file"] ?? "special",
        path,
        mode: (header.mode ?? 0o644) & 0o7777,
        size: header.size ?? 0,
        target: byteString(header, "linkpath", header.linkname ?? ""),
        stream: entry as unknown as AsyncIterable<Uint8Array>,
      };
      entry.resume();
    }
  } finally {
    archive.destroy();
  }
}

/** Names of pax headers come as text, those of other headers as bytes. */
function byteString(header: Header, key: "path" | "linkpath", name: string): string {
  const pax = header.pax as Readonly<Record<string, string>> | null | undefined;
  return pax?.[key] === undefined ? name : Buffer.from(name, "utf8").toString("latin1");
}

/** Puts what an entry of an archive says into a tree; special files are left out, for the guest has its own. */
export async function putEntry(tree: RootTree, entry: ArchiveEntry, spool: Spool): Promise<void> {
  const { path, mode, size, target } = entry;
  switch (entry.type) {
    case "folder":
      tree.putFolder(path, mode);
      break;
    case "file":
      tree.put(path, { kind: "file", mode, content: await spool.keep(path, size, entry.stream) });
      break;
    case "symbolic link":
      tree.put(path, { kind: "link", target });
      break;
    case "hard link": {
      const other = tree.get(target);
      if (other === undefined) throw badTree(path, `is a hard link to ${JSON.stringify(target)}, which is not there`);
      if (other.kind === "folder") throw badTree(path, `is a hard link to the folder ${JSON.stringify(target)}`);
      tree.put(path, other);
      break;
    }
    case "special":
      break;
  }
}
