/**
 * Contents by their hash: what is fetched is checked, so that nobody has to trust where it came from. Runs in Node and in browsers;
 * `assay/build` has the store in a folder.
 */
export { type ContentId, contentIdOf, parseContentId } from "../store/contentId.ts";
export type { StoreErrorCode } from "../store/errors.ts";
export { defaultFetchLimits, type FetchLimits } from "../store/fetchLimits.ts";
export { layeredStore } from "../store/layeredStore.ts";
export type { MirrorFault, MirrorOptions } from "../store/mirrorHealth.ts";
export { mirrorSource } from "../store/mirrors.ts";
export { type ContentSource, memoryStore, type Store } from "../store/store.ts";
export type { OpenStoreOptions, StoreDescription, StoreKind } from "../store/storeKind.ts";
