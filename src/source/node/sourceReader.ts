import type { Location } from "../location.ts";
import type { DirectoryDescription, GitDescription, SourceContent, SourceTree } from "../source.ts";

/** How a tree is read. */
export interface ReadTreeOptions {
  /** First component of every path in the archive; the reader's own choice when missing. */
  readonly name?: string;
  /** Where what is fetched is kept; by default below the user's cache folder. */
  readonly cacheFolder?: string;
  /** For each run of another program, of git for example. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  /** Bytes the input drive holds: what is certainly larger is refused early. */
  readonly capacity: number;
  /** Whether submodules are part of the source, fetched where need be (the default), or refused. */
  readonly submodules?: boolean;
  /** Whether the tree of a repository gets a folder `.git` (README, "The folder .git"); the default is not. */
  readonly git?: boolean;
}

type TreeFacts = "name" | "time" | "entries" | "driveSize";

/** A tree and where it came from. */
export interface ReadTree {
  readonly tree: SourceTree<SourceContent>;
  readonly origin: Omit<GitDescription, TreeFacts> | Omit<DirectoryDescription, TreeFacts>;
  /** Ends what deferred contents are read with: after this they cannot be. */
  close(): void;
}

/** How a source is found. */
export type SourceLookup = Pick<ReadTreeOptions, "environment" | "timeoutSeconds" | "signal" | "cacheFolder">;

/** A commit, in a repository on this disk. */
export interface FoundCommit {
  readonly gitDirectory: string;
  readonly commit: string;
  /** Where people find it: a path, or a URL without credentials. */
  readonly location: string;
  readonly revision: string;
  /** The same with the credentials that reaching it takes, where it is elsewhere. */
  readonly remote?: string;
}

/** A directory that is not a repository. */
export interface FoundDirectory {
  readonly directory: string;
}

/** One kind of sources. */
export interface SourceReader {
  /** Schemes of its URLs, with their colons; `""` for paths. */
  readonly schemes: readonly string[];
  /**
   * What a location names, on this disk: fetched, where it is elsewhere.
   * @throws AssayError one of the `source/...` codes
   */
  find(location: Location, lookup: SourceLookup): Promise<FoundCommit | FoundDirectory>;
}
