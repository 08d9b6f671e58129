/**
 * Source trees as the input drives of builds. Runs in Node and in browsers; `assay/build` reads them from disk and from
 * repositories.
 */
export { type CheckedEntry, checkTree, limits } from "../source/checkTree.ts";
export { decodeDrive, driveCapacity, encodeDrive } from "../source/drive.ts";
export type { SourceErrorCode } from "../source/errors.ts";
export { checkRevision, type Location, parseLocation, withoutCredentials } from "../source/location.ts";
export type {
  DirectoryDescription,
  Entry,
  GitDescription,
  Source,
  SourceDescription,
  SourceTree,
} from "../source/source.ts";
