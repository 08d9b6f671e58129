import type { ClaimRecord } from "../chain/records.ts";
import { fetchPublication } from "../client/publication.ts";
import type { Root } from "../core/bytes.ts";
import { checkpointCount, mostCheckpoints } from "../protocol/checkpoints.ts";
import type { Agent } from "./agent.ts";
import type { FinishedBuild } from "./builds.ts";

/**
 * Keeps in the own store what others need for claims that have been found right: the publication, and the checkpoint list. The input is
 * there since the build has been run. Somebody who checks the claim later finds it here too, whatever becomes of the solver's store.
 */
export class ClaimContents {
  private readonly kept = new Set<Root>();

  constructor(private readonly agent: Agent) {}

  /** Begins to fetch what is not there of a claim's contents; once, since nothing depends on it. */
  keep({ claimId, fields }: ClaimRecord, build: FinishedBuild): void {
    if (this.kept.has(claimId)) return;
    this.kept.add(claimId);
    const { store, log, tasks } = this.agent;
    tasks.start(`keep ${claimId}`, async () => {
      try {
        const publication = await fetchPublication(store, fields.locator);
        // A locator is its solver's: it may lead to anything.
        const isOurs = publication.build.input.id === build.input.id;
        const count = checkpointCount(fields.log2Ticks, fields.log2CheckpointTicks);
        if (isOurs && publication.checkpoints !== undefined && count > 0 && count <= mostCheckpoints) {
          await store.get(publication.checkpoints, 32 * count);
        }
      } catch (error) {
        log.debug({ claim: claimId, why: (error as Error).message }, "what the claim has published cannot be kept");
      }
      return false;
    });
  }

  /** Forgets claims that are not open any more. */
  keepOnly(open: readonly ClaimRecord[]): void {
    const ids = new Set(open.map(({ claimId }) => claimId));
    for (const claimId of this.kept) if (!ids.has(claimId)) this.kept.delete(claimId);
  }
}
