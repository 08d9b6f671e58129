import type { ClaimRecord } from "../chain/records.ts";
import { fetchPublication } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { type CheckpointList, checkpointCount, decodeCheckpoints, mostCheckpoints } from "../protocol/checkpoints.ts";
import type { Agent } from "./agent.ts";

/** Lists that are fetched at once; each takes a few hundred kilobytes at most. */
const mostAtOnce = 8;

interface Awaited {
  /** Second of the chain from which it is not waited for any more. */
  readonly until: number;
  isBegun: boolean;
  /** What the fetch has come to. */
  result?: Fetched;
}

/** The list of a claim; undefined if there is none that can be had. */
export interface Fetched {
  readonly list?: CheckpointList | undefined;
}

/**
 * Fetches the checkpoint lists that claims have published, in the background: a mirror that stalls holds up nothing but the one
 * claim, and that one for a quarter of the time that its window had left. A list makes a dispute shorter, never more certain.
 */
export class PublishedLists {
  private readonly awaited = new Map<Root, Awaited>();
  private running = 0;

  constructor(private readonly agent: Agent) {}

  /**
   * The list that a claim's locator leads to, as soon as that is settled; asked for with the first call.
   * @returns undefined while it is worth waiting for.
   */
  listOf(claim: ClaimRecord): Fetched | undefined {
    const { claimId, windowEnd, fields } = claim;
    const { now } = this.agent.ledger;
    const count = checkpointCount(fields.log2Ticks, fields.log2CheckpointTicks);
    if (count === 0 || count > mostCheckpoints) return {};
    let awaited = this.awaited.get(claimId);
    if (awaited === undefined) {
      awaited = { until: now + Math.floor(Math.max(0, windowEnd - now) / 4), isBegun: false };
      this.awaited.set(claimId, awaited);
    }
    if (awaited.result !== undefined) return awaited.result;
    if (now >= awaited.until) return {};
    this.begin(claim, count, awaited);
    return undefined;
  }

  /** Nobody asks for this list any more. */
  forget(claimId: Root): void {
    this.awaited.delete(claimId);
  }

  private begin({ claimId, fields }: ClaimRecord, count: number, awaited: Awaited): void {
    if (awaited.isBegun || this.running >= mostAtOnce) return;
    awaited.isBegun = true;
    this.agent.tasks.start(`list ${claimId}`, async () => {
      this.running++;
      awaited.result = { list: await this.fetch(fields.locator, count) };
      this.running--;
      return true;
    });
  }

  private async fetch(locator: string, count: number): Promise<CheckpointList | undefined> {
    const { store, log } = this.agent;
    try {
      const { checkpoints } = await fetchPublication(store, locator);
      return checkpoints && decodeCheckpoints(await store.get(checkpoints, 32 * count), count);
    } catch (error) {
      log.debug({ locator, why: (error as Error).message }, "no checkpoint list");
      return undefined;
    }
  }
}
