/** What a ledger has to say of its servers and its own keeping, besides what it knows. */
export type LedgerEvent =
  /** A server's logs of a block cannot be so. `settledBy`: whose word was taken instead; nobody's if it is not there. */
  | { readonly kind: "logs contradicted"; readonly block: number; readonly host: string; readonly settledBy?: string }
  /** Fewer servers than wanted say the same of a block: these others say something else, or nothing. */
  | { readonly kind: "no agreement"; readonly block: number; readonly hosts: readonly string[] }
  /** A bloom filter holds the contract, and the block has no event of it: that happens. */
  | { readonly kind: "bloom matched by chance"; readonly block: number; readonly host: string }
  /** Logs that had been missed or invented were found when everything was read again. */
  | { readonly kind: "history repaired"; readonly blocks: readonly number[] }
  /** Everything could not be read again: it will be tried later. */
  | { readonly kind: "recheck failed"; readonly why: string }
  | HealthEvent;

/** A state of the connection that is said once when it begins and once when it is over. */
export type HealthEvent = (
  | { readonly kind: "head old"; readonly block: number; readonly seconds: number }
  | { readonly kind: "head went back"; readonly block: number; readonly before: number }
  | { readonly kind: "other chain"; readonly why: string }
  /** This host's clock less the chain's. */
  | { readonly kind: "clock differs"; readonly seconds: number }
) & { readonly healed: boolean; readonly host: string };
