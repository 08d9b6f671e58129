import { parseRepositoryId } from "../../radicle/ids.ts";
import { type FollowedRefsOptions, RadicleRefs } from "../../radicle/node/radicleRefs.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import { remoteRefs } from "../../source/node/remoteRefs.ts";
import type { Log } from "../log.ts";

export interface RepositoryRefsOptions {
  /** What is followed of Radicle repositories. */
  readonly radicle: FollowedRefsOptions;
  /** Whether what others propose at a forge is followed. */
  readonly patches: boolean;
  readonly log: Log;
}

/** The first look at a storage may walk all that its nodes have ever signed. No network is involved. */
const radicleSeconds = 600;

/** Whether a repository is one in the storage of the local Radicle node. */
export function isRadicle(repository: string): boolean {
  return repository.startsWith("rad:");
}

/** The refs of repositories and the commits that they lead to, each kind read in its way. */
export class RepositoryRefs {
  private readonly radicle: RadicleRefs;
  /** What was said of each repository that does not count. */
  private readonly doubts = new Map<string, readonly string[]>();

  constructor(private readonly options: RepositoryRefsOptions) {
    this.radicle = new RadicleRefs(options.radicle);
  }

  /** @param repository a `git+https/ssh/file` URL, or `rad:z...`. @throws AssayError `source/...`, `radicle/...` */
  async read(repository: string, settings: GitSettings): Promise<ReadonlyMap<string, string>> {
    if (!isRadicle(repository)) return await remoteRefs(repository, settings, this.options);
    const { refs, doubts } = await this.radicle.read(parseRepositoryId(repository), {
      ...settings,
      timeoutSeconds: radicleSeconds,
    });
    this.sayDoubts(repository, doubts);
    return refs;
  }

  /** Each once, as long as it is so. */
  private sayDoubts(repository: string, doubts: readonly string[]): void {
    const before = this.doubts.get(repository) ?? [];
    this.doubts.set(repository, doubts);
    for (const why of doubts) {
      if (!before.includes(why)) this.options.log.warn({ repository, why }, "does not count");
    }
  }
}

/** A Radicle delegate's own branch, as its task sees it. */
export function withoutNamespace(ref: string): string {
  return ref.replace(/^refs\/namespaces\/[^/]+\//, "");
}
