import type { KeyId } from "../attestation/keys.ts";
import { AssayError } from "../core/errors.ts";
import type { ObjectId } from "./ids.ts";

/** What a delegate's ref leads to. */
export interface Tip {
  readonly kind: "commit" | "tag";
  readonly id: ObjectId;
}

/** Whether a commit is an ancestor of another, or the same. */
export type IsAncestor = (ancestor: ObjectId, descendant: ObjectId) => Promise<boolean>;

/**
 * What a ref leads to by the will of those who may say it. Only their own tips come into question. A commit is said by all whose tip
 * contains it, an annotated tag only by those who have the same. Of several commits with enough votes the last one is taken, if they
 * are in one line.
 *
 * heartwood counts pairs of tips, so that two holders of a commit and two of one after it are six votes for the first; here a delegate
 * is one. It also fails where two tips have nothing in common; here such a tip is one that does not contain the other.
 * @param tips of those who may say it and have the ref.
 * @throws AssayError `radicle/no-quorum`, `radicle/diverged`
 */
export async function quorumOf(
  ref: string,
  tips: ReadonlyMap<KeyId, Tip>,
  threshold: number,
  isAncestor: IsAncestor,
): Promise<Tip> {
  const votes = [...tips.values()];
  const commits = await agreedCommits(idsOf(votes, "commit"), threshold, isAncestor);
  const tags = agreedTags(idsOf(votes, "tag"), threshold);
  const candidates = [...commits, ...tags];
  if (candidates.length === 0) {
    const message = `${ref} is not canonical: no commit or tag of those who may say it has ${threshold} of them behind it`;
    throw new AssayError("radicle/no-quorum", message, { ref, threshold });
  }
  if (tags.length === 1 && commits.length === 0) return { kind: "tag", id: tags[0]! };
  const last = tags.length > 0 ? undefined : await lastOf(commits, isAncestor);
  if (last !== undefined) return { kind: "commit", id: last };
  const message = `${ref} is not canonical: those who may say it have parted: ${candidates.join(", ")}`;
  throw new AssayError("radicle/diverged", message, { ref, candidates });
}

function idsOf(votes: readonly Tip[], kind: Tip["kind"]): ObjectId[] {
  return votes.filter((tip) => tip.kind === kind).map(({ id }) => id);
}

async function agreedCommits(votes: readonly ObjectId[], threshold: number, isAncestor: IsAncestor) {
  const agreed: ObjectId[] = [];
  for (const candidate of new Set(votes)) {
    let count = 0;
    for (const vote of votes) {
      if (count >= threshold) break;
      if (vote === candidate || (await isAncestor(candidate, vote))) count++;
    }
    if (count >= threshold) agreed.push(candidate);
  }
  return agreed.sort();
}

function agreedTags(votes: readonly ObjectId[], threshold: number): ObjectId[] {
  return [...new Set(votes)].filter((id) => votes.filter((vote) => vote === id).length >= threshold).sort();
}

/** The commit that contains all the others. */
async function lastOf(commits: readonly ObjectId[], isAncestor: IsAncestor): Promise<ObjectId | undefined> {
  let last: ObjectId | undefined;
  for (const commit of commits) if (last === undefined || (await isAncestor(last, commit))) last = commit;
  for (const commit of commits) if (commit !== last && !(await isAncestor(commit, last!))) return undefined;
  return last;
}
