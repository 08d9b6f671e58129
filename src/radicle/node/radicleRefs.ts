import { AssayError } from "../../core/errors.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import type { RepositoryId } from "../ids.ts";
import type { Repository } from "../repository.ts";
import type { Refs } from "../signedRefs.ts";
import { leastLevel } from "./home.ts";
import { findStorage, refsOf, withRepository } from "./storage.ts";
import { verifiedCommits } from "./verifiedCommits.ts";

/** What is followed of a repository. */
export interface FollowedRefs {
  /** Commits, by the full names of canonical refs, and of delegates' own (`refs/namespaces/...`). */
  readonly refs: Refs;
  /** What does not count, and why: delegates whose refs are not right, refs on which they have parted. */
  readonly doubts: readonly string[];
}

export interface FollowedRefsOptions {
  /** Each delegate's branches and tags too. */
  readonly delegates: boolean;
  /** Also repositories that are private by their document. */
  readonly private: boolean;
}

/** The refs of Radicle repositories. One whose refs are what they were is not looked at again. */
export class RadicleRefs {
  private readonly known = new Map<RepositoryId, { readonly state: string; readonly followed: FollowedRefs }>();

  constructor(private readonly options: FollowedRefsOptions) {}

  /** @throws AssayError `radicle/...`, among them `radicle/private`; codes about git */
  async read(id: RepositoryId, settings: GitSettings): Promise<FollowedRefs> {
    const storage = await findStorage(id, settings.environment);
    const [refs, least] = [await refsOf(storage, settings), await leastLevel(settings.environment)];
    const state = `${least} ${refs.digest}`;
    const known = this.known.get(id);
    if (known?.state === state) return known.followed;
    const followed = await withRepository(
      storage,
      settings,
      refs,
      least,
      async (repository) => await this.follow(repository),
    );
    const verified = verifiedCommits(storage, refs, least);
    for (const commit of followed.refs.values()) verified.add(commit);
    this.known.set(id, { state, followed });
    return followed;
  }

  private async follow(repository: Repository): Promise<FollowedRefs> {
    checkPublic(repository, this.options.private);
    const { refs, doubts } = await repository.canonicalRefs();
    const own = this.options.delegates ? await repository.delegateRefs() : new Map<string, string>();
    return {
      refs: new Map([...[...refs].filter(([name]) => isBranchOrTag(name)), ...own]),
      doubts: [...repository.doubts, ...doubts].map(({ message }) => message),
    };
  }
}

/** A document may have rules for other refs, which no task is for. */
function isBranchOrTag(name: string): boolean {
  return /^refs\/(heads|tags)\//.test(name);
}

/** @throws AssayError `radicle/private` */
export function checkPublic({ id, document }: Repository, takesPrivate: boolean): void {
  if (document.isPrivate && !takesPrivate) throw privateRepository(id);
}

export function privateRepository(id: RepositoryId): AssayError<"radicle/private"> {
  const message = `${id} is private, and what is built from it is published with its contents: say --private if that is meant`;
  return new AssayError("radicle/private", message, { repository: id });
}
