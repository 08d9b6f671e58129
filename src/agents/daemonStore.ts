import { openStore } from "../store/node/openStore.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "./log.ts";

export interface DaemonStoreOptions {
  readonly storeFolder: string;
  /** Further stores, http(s) addresses in the order of preference. */
  readonly mirrors?: readonly string[];
  readonly log: Log;
  /** Ends what is being fetched. */
  readonly signal: AbortSignal;
}

/** The store of a daemon: its folder, then the mirrors; what is wrong with them is logged. */
export function openDaemonStore({ storeFolder, mirrors = [], log, signal }: DaemonStoreOptions): Store {
  return openStore(
    { folder: storeFolder, mirrors },
    {
      signal,
      onCorrupt: (id, file) => log.warn({ id, file }, "the store held damaged content; it has been put aside"),
      onFault: ({ kind, ...facts }) => log.warn(facts, mirrorFaults[kind]),
      onUnkept: (id, error) => log.warn({ id, why: error }, "content from a mirror could not be kept in the store"),
    },
  );
}

const mirrorFaults = {
  failed: "a mirror failed and is left alone for a while",
  lied: "a mirror sent what was not asked for and is left alone for a while",
} as const;
