import { openStore } from "../store/node/openStore.ts";
import type { Store } from "../store/store.ts";
import type { StoreDescription } from "../store/storeKind.ts";
import type { Log } from "./log.ts";

export interface DaemonStoreOptions {
  readonly stores: readonly StoreDescription[];
  readonly log: Log;
  /** Ends what is being fetched. */
  readonly signal: AbortSignal;
}

/** The store of a daemon over all that are described; what is wrong with them is logged. */
export function openDaemonStore({ stores, log, signal }: DaemonStoreOptions): Store {
  return openStore(stores, {
    signal,
    onCorrupt: (id, file) => log.warn({ id, file }, "the store held damaged content; it has been put aside"),
    onFault: ({ kind, ...facts }) => log.warn(facts, mirrorFaults[kind]),
    onUnkept: (id, error) => log.warn({ id, why: error }, "content from a mirror could not be kept in the store"),
  });
}

const mirrorFaults = {
  failed: "a mirror failed and is left alone for a while",
  lied: "a mirror sent what was not asked for and is left alone for a while",
} as const;
