import { AssayError, type ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** Text that is not the id of a repository or node. */
    "radicle/bad-id": { text: string };
    /** The local storage has no such repository. */
    "radicle/not-here": { repository: string; folder: string };
    /** A setting in the node's own configuration, or in the environment, that cannot be used. */
    "radicle/bad-setting": { file: string; why: string };
    /** An identity document that is not what it should be; `document` is its blob id. */
    "radicle/bad-document": { document: string; why: string };
    /** No identity of the repository can be had from its storage. */
    "radicle/bad-identity": { repository: string; why: string };
    // One node's signed refs; `node` is its id.
    /** The commit, its tree or the list of refs is not what it should be, or not all there. */
    "radicle/bad-refs": { node: string; why: string };
    "radicle/bad-signature": { node: string; commit: string };
    /** They are those of another repository. */
    "radicle/other-repository": { node: string; commit: string };
    /** The signature is one that the node has given before: somebody has put older refs in place of newer ones. */
    "radicle/replayed": { node: string; commit: string };
    /** They say less than the node's refs have said before. */
    "radicle/downgraded": { node: string; commit: string; level: string; seen: string };
    /** They say less than is asked for here. */
    "radicle/level-too-low": { node: string; level: string; least: string };
    /** The refs that are there are not those that are signed. */
    "radicle/refs-differ": { node: string; ref: string; why: "unsigned" | "missing" | "other" };
    // Canonical refs
    /** Too few delegates have it. */
    "radicle/no-quorum": { ref: string; threshold: number };
    /** Delegates have parted. */
    "radicle/diverged": { ref: string; candidates: readonly string[] };
    /** No canonical ref has this name. */
    "radicle/unknown-ref": { repository: string; revision: string };
    /** No verified ref leads to the commit. */
    "radicle/unreachable-commit": { repository: string; commit: string };
    /** More than is read. */
    "radicle/too-large": { what: string; most: number };
    /** What it holds would become public. */
    "radicle/private": { repository: string };
    /** A message of the CI broker that cannot be used. */
    "radicle/bad-request": { why: string };
  }
}

/** What can be wrong with a Radicle storage, or with what a node or broker says. */
export type RadicleErrorCode = ErrorCodeOf<"radicle">;

export function tooLarge(what: string, most: number): AssayError<"radicle/too-large"> {
  return new AssayError("radicle/too-large", `${what}: more than ${most}, which is as much as is read`, { what, most });
}

export function badRefs(node: string, why: string, cause?: unknown): AssayError<"radicle/bad-refs"> {
  return new AssayError(
    "radicle/bad-refs",
    `the signed refs of ${node} cannot be used: ${why}`,
    { node, why },
    { cause },
  );
}
