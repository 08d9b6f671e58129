import type { AccountReader } from "../chain/account.ts";
import type { Ledger } from "../chain/ledger.ts";
import type { Settlement, Submission } from "../chain/outbox/outbox.ts";
import type { Parameters } from "../protocol/parameters.ts";
import type { VerdictStore } from "./verdicts.ts";

/** The confirmed history, and what it means now. */
export type LedgerReader = Pick<
  Ledger,
  | "block"
  | "claimView"
  | "disputeView"
  | "distrust"
  | "finalizableFrom"
  | "history"
  | "isChallengeable"
  | "isStored"
  | "now"
  | "refresh"
  | "rewardDueFrom"
  | "roundOf"
>;

/** The way of transactions to the chain. It is never waited for: what has become of a move, the chain says. */
export interface MoveSender {
  readonly address: string;
  /** @returns what becomes of it; undefined when it is under way already. */
  submit(submission: Submission): Promise<Settlement> | undefined;
  isUnderWay(key: string): boolean;
  /** The block in which the latest of that name is mined, if it is. */
  minedIn(key: string): number | undefined;
  /** How many are waiting or unmined. */
  readonly size: number;
}

/** The contract that an agent plays with. */
export interface Contract {
  readonly chainId: bigint;
  readonly assay: string;
  readonly parameters: Parameters;
  /** Name of the server that has answered last, for people. */
  readonly server: () => string;
}

/** The newest block, as far as is known. */
export interface Head {
  readonly number: number;
  /** Seconds. */
  readonly timestamp: number;
}

/** Everything that an agent sees of the world, and does to it. */
export interface Ports {
  readonly contract: Contract;
  readonly ledger: LedgerReader;
  readonly account: AccountReader;
  readonly sender: MoveSender;
  /** In the state directory. */
  readonly verdicts: VerdictStore;
  /** Undefined before the first round. */
  readonly head: () => Head | undefined;
  /** Milliseconds; for pauses only: the protocol knows no other time than the chain's. */
  readonly clock: () => number;
}
