import type { ObjectId } from "../ids.ts";
import type { Level } from "../signedRefsHistory.ts";
import type { Storage } from "./storage.ts";
import type { StoredRefs } from "./storedRefs.ts";

/**
 * Commits that were found to belong to a repository, as long as its refs are what they were: a repository with a thousand new tags is
 * not checked a thousand times. Of each storage only the newest state is kept.
 */
const known = new Map<string, { readonly state: string; readonly commits: Set<ObjectId> }>();
const mostStorages = 64;

/** @returns the set of such commits for a state, to look into and to add to. */
export function verifiedCommits({ gitDirectory }: Storage, { digest }: StoredRefs, least: Level): Set<ObjectId> {
  const state = `${least} ${digest}`;
  const found = known.get(gitDirectory);
  if (found?.state === state) return found.commits;
  known.delete(gitDirectory);
  for (const oldest of known.keys()) if (known.size >= mostStorages) known.delete(oldest);
  const commits = new Set<ObjectId>();
  known.set(gitDirectory, { state, commits });
  return commits;
}
