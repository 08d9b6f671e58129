/**
 * Source trees as the input drives of builds. Runs in Node and in browsers; `assay/build` reads them from disk and from
 * repositories.
 */
export {
  contentBytes,
  type ErofsContent,
  type ErofsEntry,
  type ErofsOptions,
  type ReadyContent,
} from "../erofs/entry.ts";
export type { ErofsErrorCode } from "../erofs/errors.ts";
export { type ErofsImage, readErofs } from "../erofs/read.ts";
export { ErofsWriter, encodeErofs } from "../erofs/writer.ts";
export { type CheckedEntry, checkTree, limits } from "../source/checkTree.ts";
export { decodeDrive, driveCapacity, encodeDrive } from "../source/drive.ts";
export type { SourceErrorCode } from "../source/errors.ts";
export { decodeSourceImage, planSourceImage } from "../source/image.ts";
export { checkRevision, type Location, parseLocation, withoutCredentials } from "../source/location.ts";
export {
  type DeferredContent,
  type DirectoryDescription,
  type Entry,
  type GitDescription,
  type GitFolderDescription,
  linuxRules,
  type Source,
  type SourceContent,
  type SourceDescription,
  type SourceRules,
  type SourceTree,
  type SubmoduleDescription,
} from "../source/source.ts";
