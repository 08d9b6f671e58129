import type { HistoryEvent } from "../chain/history.ts";

/** Is told what a daemon does, and counts it. */
export interface Observer {
  /** A move was mined. @param kind as in the log: `commit`, `answer`, `finalize`, ... */
  moved(kind: string, gasUsed: bigint): void;
  buildSettled(result: "finished" | "failed"): void;
  /** Something happened on the chain. @param isOwn whether an account is this daemon's. */
  happened(event: HistoryEvent, isOwn: (address: string) => boolean): void;
}

export const unobserved: Observer = { moved() {}, buildSettled() {}, happened() {} };
