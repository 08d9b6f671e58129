import { radicleSources } from "../../radicle/node/radicleSources.ts";
import { badLocation, parseLocation } from "../location.ts";
import { sourceHelp } from "../sourceHelp.ts";
import { gitSources } from "./gitSources.ts";
import { pathSources } from "./pathSources.ts";
import type { FoundCommit, FoundDirectory, SourceLookup, SourceReader } from "./sourceReader.ts";

/** Every kind of sources; each scheme has one reader. */
const readers: readonly SourceReader[] = [pathSources, gitSources, radicleSources];

/**
 * What a path or URL names, on this disk.
 * @param revision branch, tag or commit; `HEAD` when missing. Only for repositories.
 * @throws AssayError one of the `source/...` codes
 */
export async function findSource(
  location: string,
  revision: string | undefined,
  lookup: SourceLookup,
): Promise<FoundCommit | FoundDirectory> {
  const parsed = parseLocation(location, revision);
  const reader = readers.find(({ schemes }) => schemes.includes(parsed.scheme));
  if (reader !== undefined) return await reader.find(parsed, lookup);
  throw badLocation(location, `it begins with ${parsed.scheme}//. Give one of these: ${sourceHelp}`);
}
