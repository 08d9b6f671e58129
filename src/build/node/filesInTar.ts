import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";

/** A file of an archive. */
export interface FileInTar {
  readonly file: string;
  readonly content: Uint8Array;
}

/** The files in a tar archive that a build left; none where there is no archive. What cannot be read as one ends the list. */
export async function filesInTar(archive: Uint8Array | undefined): Promise<FileInTar[]> {
  const files: FileInTar[] = [];
  if (archive === undefined) return files;
  const entries = Readable.from([archive]).pipe(extract());
  try {
    for await (const entry of entries) {
      const content = await buffer(entry);
      if (entry.header.type === "file") files.push({ file: entry.header.name, content });
    }
  } catch {
    // A command can write anything there; what was read before stands.
  }
  return files;
}
