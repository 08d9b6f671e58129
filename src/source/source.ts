/** Where a drive's content came from: what a person reads beside a `buildId`. Not part of the drive. */
export type SourceDescription = GitDescription | DirectoryDescription;

interface TreeDescription {
  /** First component of every path in the archive. */
  readonly name: string;
  /** Modification time of every entry: seconds since 1970. */
  readonly time: number;
  readonly entries: number;
  /** Used bytes of the drive. */
  readonly driveSize: number;
}

/** Of a commit in a repository. */
export interface GitDescription extends TreeDescription {
  readonly kind: "git";
  /** Absolute path or URL, without credentials. */
  readonly location: string;
  /** What was asked for: `HEAD`, a tag, a branch, a commit. */
  readonly revision: string;
  /** Object ids in hexadecimal without prefix, 40 or 64 digits. */
  readonly commit: string;
  readonly tree: string;
}

/** Of a folder. */
export interface DirectoryDescription extends TreeDescription {
  readonly kind: "directory";
  /** Absolute path. */
  readonly location: string;
}

/** A source as a build takes it. */
export interface Source {
  /** The used part of the input drive; the rest of the drive is zero. */
  readonly drive: Uint8Array;
  readonly description: SourceDescription;
}

/** One file or symbolic link. Directories exist through the paths of what is in them. */
export interface Entry {
  /** Relative, `/` between components, UTF-8. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink";
  /** The file's bytes, or the link's target. */
  readonly content: Uint8Array;
}

/** A source tree before it is encoded; the order of the entries does not matter. */
export interface SourceTree {
  readonly name: string;
  /** Seconds since 1970, at most 8^11 - 1 (year 2242): what a tar header can hold. */
  readonly time: number;
  readonly entries: readonly Entry[];
}
