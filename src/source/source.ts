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
  /** Those in the tree, nested ones after the one that they are in. */
  readonly submodules?: readonly SubmoduleDescription[];
  /** Where the tree has a folder `.git`. */
  readonly gitFolder?: GitFolderDescription;
}

/** What the folder `.git` of a source was made of, besides the commit. */
export interface GitFolderDescription {
  /** The tags in it: a tag object's id, or the commit's. */
  readonly tags: readonly { readonly name: string; readonly id: string }[];
}

/** A submodule whose tree is part of a source. */
export interface SubmoduleDescription {
  readonly path: string;
  /** Absolute path or URL, without credentials. */
  readonly location: string;
  readonly commit: string;
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

/** Bytes that are read when they are needed: each `read` gives all of them, in parts. */
export interface DeferredContent {
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}

/** A file as a tree has it: its bytes, or what they are read with. */
export type SourceContent = Uint8Array | DeferredContent;

/** One file or symbolic link. Directories exist through the paths of what is in them. */
export interface Entry<Content extends SourceContent = Uint8Array> {
  /** Relative, `/` between components, UTF-8. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink";
  /** The file's bytes, or the link's target, which is never deferred; nor is what has at most 1,024 bytes. */
  readonly content: Content;
}

/** A source tree before it is encoded; the order of the entries does not matter. */
export interface SourceTree<Content extends SourceContent = Uint8Array> {
  readonly name: string;
  /** Seconds since 1970, at most 8^11 - 1 (year 2242): what a tar header can hold. */
  readonly time: number;
  readonly entries: readonly Entry<Content>[];
}

/** What an environment lets its sources be; what is missing is refused. */
export interface SourceRules {
  /** Paths that only some file systems tell apart, as Linux does: `Makefile` beside `makefile`. */
  readonly caseCollisions?: boolean;
  /** The folder `.git` at the root of the tree. */
  readonly gitFolder?: boolean;
}

/** The rules of guests, which are Linux. */
export const linuxRules: SourceRules = { caseCollisions: true, gitFolder: true };
