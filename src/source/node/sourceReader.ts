import type { Location } from "../location.ts";
import type { DirectoryDescription, GitDescription, SourceTree } from "../source.ts";

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
}

type TreeFacts = "name" | "time" | "entries" | "driveSize";

/** A tree and where it came from. */
export interface ReadTree {
  readonly tree: SourceTree;
  readonly origin: Omit<GitDescription, TreeFacts> | Omit<DirectoryDescription, TreeFacts>;
}

/** One kind of sources. */
export interface SourceReader {
  /** Schemes of its URLs, with their colons; `""` for paths. */
  readonly schemes: readonly string[];
  /** What it reads, for help texts and errors. */
  readonly help: string;
  /** @throws AssayError one of the `source/...` codes */
  read(location: Location, options: ReadTreeOptions): Promise<ReadTree>;
}
