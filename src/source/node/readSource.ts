import { AssayError } from "../../core/errors.ts";
import { readContent } from "../../erofs/entry.ts";
import { driveCapacity, encodeDrive } from "../drive.ts";
import type { Entry, Source, SourceContent, SourceTree } from "../source.ts";
import { findSource } from "./findSource.ts";
import { readGitTree } from "./gitTree.ts";
import { readDirectory } from "./readDirectory.ts";
import type { ReadTree, ReadTreeOptions } from "./sourceReader.ts";
import { TreeReading } from "./treeReading.ts";

/** Which revision, and how the tree becomes an input drive. */
export interface ReadSourceOptions extends Partial<ReadTreeOptions> {
  /** Branch, tag or commit; `HEAD` when missing. Only for repositories. */
  readonly revision?: string;
  /** How the drive holds a tree; `encodeDrive` when missing. */
  readonly encode?: (tree: SourceTree, capacity: number) => Uint8Array;
  /** The same in the place of `encode`, with contents that it may read one after another: for sources that are large. */
  readonly encodeDeferred?: (tree: SourceTree<SourceContent>, capacity: number) => Promise<Uint8Array>;
}

/**
 * Turns a path or URL into an input drive (README, "What is taken from where").
 * @param options by default the process's own environment (`SOURCE_DATE_EPOCH` is read from it), 600 seconds for each run of
 * git, and the drive of the release tarball.
 * @throws AssayError one of the `source/...` codes
 */
export async function readSource(location: string, options: ReadSourceOptions = {}): Promise<Source> {
  const { encode = encodeDrive, capacity = driveCapacity, environment = process.env, timeoutSeconds = 600 } = options;
  const how = { ...options, capacity, environment, timeoutSeconds };
  const found = await findSource(location, options.revision, how);
  const read = "directory" in found ? await directoryTree(found.directory, how) : await readGitTree(found, how);
  const { tree, origin } = read;
  try {
    const drive =
      options.encodeDeferred === undefined
        ? encode(await wholeTree(tree), capacity)
        : await options.encodeDeferred(tree, capacity);
    const facts = { name: tree.name, time: tree.time, entries: tree.entries.length, driveSize: drive.length };
    return { drive, description: { ...origin, ...facts } };
  } finally {
    read.close();
  }
}

/** The tree with all its contents read. */
export async function wholeTree(tree: SourceTree<SourceContent>): Promise<SourceTree> {
  const entries: Entry[] = [];
  for (const entry of tree.entries) entries.push({ ...entry, content: await readContent(entry.content) });
  return { ...tree, entries };
}

async function directoryTree(path: string, options: ReadTreeOptions): Promise<ReadTree> {
  if (options.git === true) {
    const message = `${JSON.stringify(path)} is not a git repository, so there is no folder .git to make`;
    throw new AssayError("source/no-repository", message, { path });
  }
  const epoch = options.environment.SOURCE_DATE_EPOCH || "0";
  if (!/^[0-9]{1,15}$/.test(epoch)) {
    throw new AssayError(
      "source/bad-time",
      `SOURCE_DATE_EPOCH must be seconds since 1970, got ${JSON.stringify(epoch)}`,
      { time: epoch },
    );
  }
  const reading = new TreeReading(options);
  const entries = await readDirectory(path, options.capacity, (size) => reading.keeps(size), options.signal);
  const tree = { name: options.name ?? "source", time: Number(epoch), entries };
  return { tree, origin: { kind: "directory", location: path }, close: () => {} };
}
