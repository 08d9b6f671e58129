import type { Hex } from "../core/bytes.ts";

/** Of a result record: zero where there is no artifact, or the program says nothing of what is left. */
export interface RecordedHashes {
  readonly artifactSha256: Hex;
  readonly outputsSha256: Hex;
}

/** What a build has left, as its environment says it. */
export interface BuildOutputs {
  /** What the command has printed. */
  readonly log: { readonly size: number; readonly sha256: Hex };
  /** What the artifact is: the one output, a file; or an archive (tar) of all that there are. Undefined: there is none. */
  readonly artifact: { readonly kind: "file"; readonly executable: boolean } | { readonly kind: "archive" } | undefined;
  /** The outputs that the build names. */
  readonly outputs: readonly {
    readonly path: string;
    readonly kind: "file" | "directory" | "special" | "missing";
  }[];
}

/** The same, with the archive (tar) of the test reports that the build's patterns have found, if there are any. */
export interface LeftOutputs extends BuildOutputs {
  readonly reports: Uint8Array | undefined;
}
