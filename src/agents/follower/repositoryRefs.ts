import { parseRepositoryId } from "../../radicle/ids.ts";
import { type FollowedRefsOptions, RadicleRefs } from "../../radicle/node/radicleRefs.ts";
import { hasHttpSettings } from "../../source/node/gitHttpSettings.ts";
import type { GitSettings } from "../../source/node/gitProcess.ts";
import { refsFingerprint } from "../../source/node/refsFingerprint.ts";
import { remoteOf, remoteRefs } from "../../source/node/remoteRefs.ts";
import { SmartHttpRefs } from "../../source/node/smartHttpRefs.ts";
import type { Log } from "../log.ts";

export interface RepositoryRefsOptions {
  /** What is followed of Radicle repositories. */
  readonly radicle: FollowedRefsOptions;
  /** Whether what others propose at a forge is followed. */
  readonly patches: boolean;
  readonly log: Log;
}

/** What git has said of a repository on this disk is asked for again after that, whatever its files are like. */
const mostKeptMilliseconds = 600_000;

/** The first look at a storage may walk all that its nodes have ever signed. No network is involved. */
const radicleSeconds = 600;

interface Kept {
  readonly fingerprint: string;
  readonly refs: ReadonlyMap<string, string>;
  /** By `performance.now()`. */
  readonly until: number;
}

/** Whether a repository is one in the storage of the local Radicle node. */
export function isRadicle(repository: string): boolean {
  return repository.startsWith("rad:");
}

/** The refs of repositories and the commits that they lead to, each kind read in its way. */
export class RepositoryRefs {
  private readonly radicle: RadicleRefs;
  /** What was said of each repository that does not count. */
  private readonly doubts = new Map<string, readonly string[]>();
  /** Of each repository on this disk, as long as nothing changes in it. */
  private readonly kept = new Map<string, Kept>();
  private readonly http = new SmartHttpRefs();
  private hasHttpSettings: Promise<boolean> | undefined;

  constructor(private readonly options: RepositoryRefsOptions) {
    this.radicle = new RadicleRefs(options.radicle);
  }

  /** @param repository a `git+https/ssh/file` URL, or `rad:z...`. @throws AssayError `source/...`, `radicle/...` */
  async read(repository: string, settings: GitSettings): Promise<ReadonlyMap<string, string>> {
    if (!isRadicle(repository)) return await this.readGit(repository, settings);
    const { refs, doubts } = await this.radicle.read(parseRepositoryId(repository), {
      ...settings,
      timeoutSeconds: radicleSeconds,
    });
    this.sayDoubts(repository, doubts);
    return refs;
  }

  private async readGit(repository: string, settings: GitSettings): Promise<ReadonlyMap<string, string>> {
    // Before git is asked: what changes in between is then seen at the next look.
    const fingerprint = await refsFingerprint(repository);
    const kept = this.kept.get(repository);
    if (kept !== undefined && kept.fingerprint === fingerprint && performance.now() < kept.until) return kept.refs;
    this.kept.delete(repository);
    const refs = (await this.readHttp(repository, settings)) ?? (await remoteRefs(repository, settings, this.options));
    const until = performance.now() + mostKeptMilliseconds;
    if (fingerprint !== undefined) this.kept.set(repository, { fingerprint, refs, until });
    return refs;
  }

  /** What an http server says without git, where it and the user's settings allow that. */
  private async readHttp(repository: string, settings: GitSettings) {
    if (!repository.startsWith("git+https:")) return undefined;
    this.hasHttpSettings ??= hasHttpSettings({ environment: settings.environment, timeoutSeconds: 10 });
    if (await this.hasHttpSettings) return undefined;
    return await this.http.read(remoteOf(repository).url, settings, this.options);
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
