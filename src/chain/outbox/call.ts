/** A transaction to be made, before it has a nonce and fees. */
export interface Call {
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
  /** In words, for errors and logs: "post a row". */
  readonly action: string;
}

/** What an operator is willing to pay, and when a transaction counts as stuck. Fees in wei per gas. */
export interface FeePolicy {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** After this time without being mined a transaction is replaced by the same one with higher fees. */
  readonly stuckSeconds: number;
  /** After this time a command that waits for its transaction ends; a daemon goes on. */
  readonly giveUpSeconds: number;
  /** Transactions that are sent and not mined, at most: servers keep only so many of one account. */
  readonly maxPending: number;
}

/** Fees where nothing else is said. */
export const defaultFeePolicy: FeePolicy = {
  maxFeePerGas: 200_000_000_000n,
  maxPriorityFeePerGas: 2_000_000_000n,
  stuckSeconds: 60,
  giveUpSeconds: 1800,
  maxPending: 16,
};
