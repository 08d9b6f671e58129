import { join } from "node:path";
import { cacheFolder as userCacheFolder } from "../../core/node/cacheFolder.ts";
import type { SourceLookup } from "./sourceReader.ts";

/** Where what is fetched is kept. */
export function sourceCacheFolder({ cacheFolder, environment }: SourceLookup): string {
  return cacheFolder ?? join(userCacheFolder(environment), "sources");
}
