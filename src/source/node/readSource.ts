import { radicleSources } from "../../radicle/node/radicleSources.ts";
import { driveCapacity, encodeDrive } from "../drive.ts";
import { badLocation, parseLocation } from "../location.ts";
import type { Source, SourceTree } from "../source.ts";
import { gitSources } from "./gitSources.ts";
import { pathSources } from "./pathSources.ts";
import type { ReadTreeOptions, SourceReader } from "./sourceReader.ts";

/** Every kind of sources; each scheme has one reader. */
const readers: readonly SourceReader[] = [pathSources, gitSources, radicleSources];

/** What a source can be, for help texts. */
export const sourceHelp = readers.map(({ help }) => help).join(", or ");

/** Which revision, and how the tree becomes an input drive. */
export interface ReadSourceOptions extends Partial<ReadTreeOptions> {
  /** Branch, tag or commit; `HEAD` when missing. Only for repositories. */
  readonly revision?: string;
  /** How the drive holds a tree; `encodeDrive` when missing. */
  readonly encode?: (tree: SourceTree, capacity: number) => Uint8Array;
}

/**
 * Turns a path or URL into an input drive (README, "What is taken from where").
 * @param options by default the process's own environment (`SOURCE_DATE_EPOCH` is read from it), 600 seconds for each run of
 * git, and the drive of the release tarball.
 * @throws AssayError one of the `source/...` codes
 */
export async function readSource(location: string, options: ReadSourceOptions = {}): Promise<Source> {
  const { encode = encodeDrive, capacity = driveCapacity, environment = process.env, timeoutSeconds = 600 } = options;
  const parsed = parseLocation(location, options.revision);
  const reader = readers.find(({ schemes }) => schemes.includes(parsed.scheme));
  if (reader === undefined) {
    throw badLocation(location, `it begins with ${parsed.scheme}//. Give one of these: ${sourceHelp}`);
  }
  const { tree, origin } = await reader.read(parsed, { ...options, capacity, environment, timeoutSeconds });
  const drive = encode(tree, capacity);
  const facts = { name: tree.name, time: tree.time, entries: tree.entries.length, driveSize: drive.length };
  return { drive, description: { ...origin, ...facts } };
}
