import { signal } from "@preact/signals";
import type { ChainKey, IndexedChain } from "../../records.ts";
import { IndexClient } from "../indexClient.ts";
import { Changes } from "./changes.ts";
import { noteHead } from "./clock.ts";
import { settings } from "./settings.ts";

/** How it stands with the index. */
export type IndexStanding =
  | { readonly kind: "none" }
  | { readonly kind: "asking" }
  | { readonly kind: "up"; readonly chains: readonly IndexedChain[] }
  /** What it said last stays on the page. */
  | { readonly kind: "down"; readonly why: string; readonly chains: readonly IndexedChain[] };

export const indexStanding = signal<IndexStanding>({ kind: "asking" });
/** Counts what may have changed: views ask again when it does. */
export const pulse = signal(0);

/** Between questions where the index does not say by itself what is new. */
const pollMilliseconds = 2000;
/** Where it does: how often it is asked for that at most, and at least. */
const leastMilliseconds = 500;
const mostSilentMilliseconds = 600_000;
let client: IndexClient | undefined;

/** Undefined where the host has none. */
export function theIndex(): IndexClient | undefined {
  const { index } = settings.value ?? {};
  if (index === undefined) return undefined;
  client ??= new IndexClient(new URL(index.endsWith("/") ? index : `${index}/`, document.baseURI));
  return client;
}

export function indexedChain(key: ChainKey): IndexedChain | undefined {
  const standing = indexStanding.value;
  return "chains" in standing ? standing.chains.find((chain) => chain.key === key) : undefined;
}

/** Looks after the index for as long as the page is there; not while nobody sees it. */
export async function watchIndex(): Promise<void> {
  const index = theIndex();
  if (index === undefined) {
    indexStanding.value = { kind: "none" };
    // Without an index what is new is only seen by asking the chain again.
    for (;;) {
      await waiting(3 * pollMilliseconds);
      pulse.value++;
    }
  }
  const changes = new Changes(index.changes);
  for (;;) {
    const { ofBuilds } = changes.take();
    await look(index, ofBuilds);
    await waiting(leastMilliseconds);
    await changes.next(changes.isOpen ? mostSilentMilliseconds : pollMilliseconds - leastMilliseconds);
    await untilVisible();
  }
}

/** @param isNew whether something has changed that the state of the chains does not show. */
async function look(index: IndexClient, isNew: boolean): Promise<void> {
  const before = indexStanding.value;
  try {
    const chains = await index.chains();
    for (const { key, head } of chains) if (head !== undefined) noteHead(key, head.timestamp);
    const isSame = before.kind === "up" && before.chains === chains;
    if (!isSame) indexStanding.value = { kind: "up", chains };
    if (isNew || stateOf(before) !== stateOf(indexStanding.value)) pulse.value++;
  } catch (error) {
    const chains = "chains" in before ? before.chains : [];
    indexStanding.value = { kind: "down", why: error instanceof Error ? error.message : String(error), chains };
    if (before.kind !== "down") pulse.value++;
  }
}

/** What views depend on. */
function stateOf(standing: IndexStanding): string {
  if (standing.kind !== "up") return standing.kind;
  return standing.chains.map(({ key, block, events }) => `${key} ${block} ${events}`).join();
}

async function waiting(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await untilVisible();
}

async function untilVisible(): Promise<void> {
  if (document.visibilityState === "visible") return;
  await new Promise<void>((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}
