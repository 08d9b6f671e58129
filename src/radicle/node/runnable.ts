import type { GitSettings } from "../../source/node/gitProcess.ts";
import type { RunRequest } from "../brokerMessages.ts";
import { leastLevel } from "./home.ts";
import { checkPublic, privateRepository } from "./radicleRefs.ts";
import { findStorage, refsOf, withRepository } from "./storage.ts";
import { verifiedCommits } from "./verifiedCommits.ts";

/**
 * Refuses what the broker asks for if the repository's own storage does not have it like that: the commit has to be one that signed
 * refs lead to, and neither broker nor document may say that it is private, unless that is taken.
 * @throws AssayError `radicle/private`, `radicle/unreachable-commit`, `radicle/...`, codes about git
 */
export async function checkRunnable(
  { repository: id, commit, isPrivate }: RunRequest,
  takesPrivate: boolean,
  settings: GitSettings,
): Promise<void> {
  if (isPrivate && !takesPrivate) throw privateRepository(id);
  const storage = await findStorage(id, settings.environment);
  const [refs, least] = [await refsOf(storage, settings), await leastLevel(settings.environment)];
  await withRepository(storage, settings, refs, least, async (repository) => {
    checkPublic(repository, takesPrivate);
    await repository.checkReachable(commit);
  });
  verifiedCommits(storage, refs, least).add(commit);
}
