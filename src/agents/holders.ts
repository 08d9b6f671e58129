import type { ClaimRecord } from "../chain/records.ts";
import { fetchPublication, maxPublicationBytes } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import { mostCheckpoints } from "../protocol/checkpoints.ts";
import { type ContentId, parseContentId } from "../store/contentId.ts";
import { openRead, openWritten } from "../store/node/openStore.ts";
import type { ContentSource, Store } from "../store/store.ts";
import type { StoreDescription } from "../store/storeKind.ts";
import type { Agent } from "./agent.ts";

/** A store on another machine. */
export interface OtherStore {
  readonly url: string;
  readonly source: ContentSource;
  /** Where this daemon may write there. */
  readonly store?: Store;
}

/** The stores among these that are not on this machine. */
export function otherStores(descriptions: readonly StoreDescription[], signal: AbortSignal): OtherStore[] {
  return descriptions
    .filter(({ url }) => !url.startsWith("file:"))
    .map((description) => {
      const { url, write } = description;
      if (!write) return { url, source: openRead(description, { signal }) };
      const store = openWritten(description, { signal });
      return { url, source: store, store };
    });
}

/** What is known of who else has what a claim needs. */
interface Watch {
  holders: number;
  /** How often it was looked for. */
  looks: number;
  /** When to look again, in milliseconds. */
  nextAt: number;
}

const firstPauseMilliseconds = 5_000;
const longestPauseMilliseconds = 600_000;

/**
 * Sees to it that somebody else holds what the own claims need: asks the other configured stores, puts it where it may, and goes on,
 * less and less often, until one of them has all of it. A verifier that cannot fetch the inputs of a claim cannot agree with it.
 */
export class Holders {
  private readonly watches = new Map<Root, Watch>();

  constructor(
    private readonly agent: Agent,
    private readonly others: readonly OtherStore[],
  ) {}

  /** Fewest other stores that hold what an open own claim needs; undefined where that is not known. */
  get fewest(): number | undefined {
    const counts = [...this.watches.values()].filter(({ looks }) => looks > 0).map(({ holders }) => holders);
    return counts.length === 0 ? undefined : Math.min(...counts);
  }

  /** Starts what is due for the open own claims, and forgets the others. */
  round(open: readonly ClaimRecord[]): void {
    const { agent, others, watches } = this;
    if (others.length === 0) return;
    const ids = new Set(open.map(({ claimId }) => claimId));
    for (const claimId of watches.keys()) if (!ids.has(claimId)) watches.delete(claimId);
    agent.holders = this.fewest;
    for (const claim of open) {
      const { claimId } = claim;
      const watch = watches.get(claimId) ?? { holders: 0, looks: 0, nextAt: 0 };
      watches.set(claimId, watch);
      if (watch.holders > 0 || agent.ports.clock() < watch.nextAt) continue;
      agent.tasks.start(`holders ${claimId}`, async () => {
        await this.look(claim, watch);
        return false;
      });
    }
  }

  private async look({ claimId, fields }: ClaimRecord, watch: Watch): Promise<void> {
    const { agent, others } = this;
    const contents = await this.contentsOf(fields.locator);
    const failures: Record<string, string> = {};
    let holders = 0;
    for (const other of others) {
      const why = await this.bringTo(other, contents);
      if (why === undefined) holders++;
      else failures[other.url] = why;
    }
    watch.looks++;
    watch.holders = holders;
    const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** Math.min(watch.looks - 1, 20));
    watch.nextAt = agent.ports.clock() + pause;
    agent.holders = this.fewest;
    const facts = { claim: claimId, build: fields.buildId, holders, asked: others.length, failures };
    if (holders > 0) agent.log.info(facts, "others hold what this claim needs");
    else agent.log.warn({ ...facts, againInSeconds: pause / 1000 }, "nobody else holds what this claim needs");
  }

  /** What a verifier has to fetch, with the most bytes that each may have. */
  private async contentsOf(locator: string): Promise<Map<ContentId, number>> {
    const { store, limits } = this.agent;
    const { build, checkpoints } = await fetchPublication(store, locator);
    const contents = new Map<ContentId, number>([
      [parseContentId(locator), maxPublicationBytes],
      [build.input.id, Math.max(1, Math.min(limits.maxInputBytes, build.input.size))],
    ]);
    if (build.dependencies !== undefined) {
      const { id, size } = build.dependencies;
      contents.set(id, Math.max(1, Math.min(limits.maxDependencyBytes, size)));
    }
    if (checkpoints !== undefined) contents.set(checkpoints, 32 * mostCheckpoints);
    return contents;
  }

  /** @returns why a store does not hold all of it; undefined if it does. */
  private async bringTo(
    { source, store }: OtherStore,
    contents: ReadonlyMap<ContentId, number>,
  ): Promise<string | undefined> {
    try {
      for (const [id, maxBytes] of contents) {
        if (await source.has(id)) continue;
        if (store === undefined) return `does not have ${id}`;
        await store.put(await this.agent.store.get(id, maxBytes));
      }
      return undefined;
    } catch (error) {
      if (isAssayError(error) && error.code.startsWith("store/")) return error.message;
      throw error;
    }
  }
}
