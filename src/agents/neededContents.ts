import type { KeptHistory } from "../chain/node/keptHistory.ts";
import type { ClaimRecord, RequestRecord } from "../chain/records.ts";
import { fetchPublication } from "../client/publication.ts";
import { isAssayError } from "../core/errors.ts";
import { type ContentId, parseContentId } from "../store/contentId.ts";
import type { ContentSource } from "../store/store.ts";

/** Contents that are needed, each with the first reason that was found. */
export type Needs = Map<ContentId, string>;

/**
 * What the claims and requests of a history need: their publications, inputs and checkpoint lists, while they are open and for
 * `keepSeconds` of the chain after that.
 * @param store in which the publications are looked up.
 */
export async function needsOfHistory(
  { history, timestamp }: KeptHistory,
  store: ContentSource,
  keepSeconds: number,
): Promise<Needs> {
  const needs: Needs = new Map();
  const isPast = (end: number) => end + keepSeconds < timestamp;
  for (const claim of history.claims.values()) {
    const why = whyOfClaim(claim);
    const end = Math.max(claim.windowEnd, history.builds.get(claim.fields.buildId)?.finalizedAt ?? 0);
    if (claim.status !== "open" && isPast(end)) continue;
    await addPublication(needs, store, claim.fields.locator, why);
  }
  for (const request of history.requests.values()) {
    const end = Math.max(request.expiry, history.builds.get(request.buildId)?.finalizedAt ?? 0);
    if (isPast(end)) continue;
    await addPublication(needs, store, request.locator, whyOfRequest(request));
  }
  return needs;
}

function whyOfClaim({ claimId, status }: ClaimRecord): string {
  return status === "open" ? `the claim ${claimId} is open` : `the claim ${claimId} ended not long ago (${status})`;
}

function whyOfRequest({ requestId }: RequestRecord): string {
  return `the request ${requestId} is open, or ended not long ago`;
}

/** A locator that is none, or leads to nothing that can be read, needs no more than itself: anybody can write one. */
async function addPublication(needs: Needs, store: ContentSource, locator: string, why: string): Promise<void> {
  try {
    need(needs, parseContentId(locator), why);
    const { build, checkpoints } = await fetchPublication(store, locator);
    need(needs, build.input.id, why);
    if (build.dependencies !== undefined) need(needs, build.dependencies.id, why);
    if (checkpoints !== undefined) need(needs, checkpoints, why);
  } catch (error) {
    if (!isAssayError(error)) throw error;
  }
}

function need(needs: Needs, id: ContentId, why: string): void {
  if (!needs.has(id)) needs.set(id, why);
}
