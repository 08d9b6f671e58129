import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { AssayError } from "../errors.ts";

/**
 * The folder in which Assay keeps what can be fetched or made again, by the rules of the XDG Base Directory Specification:
 * `$XDG_CACHE_HOME/assay`, else `~/.cache/assay`. A variable that is empty or not an absolute path counts as not set.
 *
 * Not `env-paths`: it takes a relative `XDG_CACHE_HOME`, which the specification says to ignore, and throws an error of the system
 * while it is imported where a user has no home.
 * @throws AssayError `core/no-cache-folder` when nothing says where the user's folder is.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment;
  if (isUsable(cache)) return join(cache, "assay");
  return join(isUsable(home) ? home : homeOfUser(), ".cache", "assay");
}

function isUsable(path: string | undefined): path is string {
  return path !== undefined && isAbsolute(path);
}

/** As the system knows the user, when the environment does not say. */
function homeOfUser(): string {
  for (const look of [homedir, () => userInfo().homedir]) {
    try {
      const home = look();
      if (isAbsolute(home)) return home;
    } catch {
      // A user without an entry in the system's list.
    }
  }
  throw new AssayError(
    "core/no-cache-folder",
    "nothing says where to keep what is fetched: set XDG_CACHE_HOME (or HOME) to the absolute path of a folder",
  );
}
