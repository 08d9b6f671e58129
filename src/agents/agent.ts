import type { AssayChain } from "../chain/assay.ts";
import { assayCalls } from "../chain/claims.ts";
import { revertOf } from "../chain/errors.ts";
import { Ledger } from "../chain/ledger.ts";
import { isOvertaken } from "../chain/moves.ts";
import type { Call, Sender } from "../chain/sender.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "./log.ts";
import type { Duties } from "./loop.ts";

/** What an operator allows a daemon to take on. */
export interface AgentLimits {
  readonly maxInputBytes: number;
  readonly maxTicks: number;
  readonly maxBuildSeconds: number;
  /** Builds whose machines are kept in memory at once; each takes the program's whole memory. */
  readonly openBuilds: number;
  /** Simultaneous challenges that must be answerable in half the response time. */
  readonly parallelChallenges: number;
  /** Wei; requests below are left alone. */
  readonly minReward: bigint;
}

export const defaultLimits: AgentLimits = {
  maxInputBytes: 2 ** 26,
  maxTicks: 2 ** 20,
  maxBuildSeconds: 3600,
  openBuilds: 3,
  parallelChallenges: 64,
  minReward: 10n ** 15n,
};

/** What both daemons are made of. Nothing in it has to survive the process. */
export class Agent {
  readonly ledger: Ledger;
  readonly calls: ReturnType<typeof assayCalls>;
  readonly duties: Duties = { missedDeadlines: 0, uncheckedClaims: 0 };
  /** Newest block when the process began: what was missed before is said, not counted. */
  startBlock = 0;
  /** Block up to which the ledger must have read before a move is made again. */
  readonly #madeAt = new Map<string, number>();
  /** Moves that the contract refused: when they may be tried again, in milliseconds, and after how many refusals. */
  readonly #refused = new Map<string, { readonly until: number; readonly times: number }>();
  readonly #said = new Set<string>();

  constructor(
    readonly chain: AssayChain,
    readonly sender: Sender,
    readonly store: Store,
    readonly limits: AgentLimits,
    readonly log: Log,
  ) {
    this.ledger = new Ledger(chain);
    this.calls = assayCalls(chain.deployment.assay);
  }

  get address(): string {
    return this.sender.address;
  }

  isMine(address: string): boolean {
    return address.toLowerCase() === this.address.toLowerCase();
  }

  /**
   * Makes a move at most once for each state of the chain in which it is due. "Already done by somebody" is success.
   * @param key names the move and what it answers.
   * @returns true when something was sent, or turned out to be done.
   */
  async make(key: string, call: Call, facts: Readonly<Record<string, unknown>>): Promise<boolean> {
    const madeAt = this.#madeAt.get(key);
    if (madeAt !== undefined && this.ledger.block < madeAt) return false;
    const refused = this.#refused.get(key);
    if (refused !== undefined && Date.now() < refused.until) return false;
    try {
      const receipt = await this.sender.send(call);
      this.#madeAt.set(key, receipt.blockNumber);
      this.#refused.delete(key);
      const { hash, blockNumber, gasUsed } = receipt;
      this.log.info({ ...facts, move: call.action, transaction: hash, block: blockNumber, gasUsed }, "moved");
      return true;
    } catch (error) {
      if (!isOvertaken(error)) {
        const times = (refused?.times ?? 0) + 1;
        if (revertOf(error)) this.#refused.set(key, { until: Date.now() + pauseAfter(times), times });
        throw error;
      }
      this.#madeAt.set(key, (await this.chain.provider.getBlockNumber()) + 1);
      this.log.info({ ...facts, move: call.action, why: (error as Error).message }, "already done by somebody");
      return true;
    }
  }

  /** Says something once in the life of the process. @returns whether it was the first time. */
  once(key: string, say: () => void): boolean {
    if (this.#said.has(key)) return false;
    this.#said.add(key);
    say();
    return true;
  }

  /** Lets something be said again. */
  forget(key: string): void {
    this.#said.delete(key);
  }

  /**
   * Runs tasks side by side; one that fails is logged and does not hold up the others.
   * @returns whether any of them did something.
   */
  async each<T>(items: Iterable<T>, name: string, act: (item: T) => Promise<boolean>): Promise<boolean> {
    const done = await Promise.all(
      [...items].map(async (item) => {
        try {
          return await act(item);
        } catch (error) {
          const code = (error as { code?: unknown }).code;
          const stack = code === undefined && error instanceof Error ? error.stack : undefined;
          this.log.warn({ task: name, code, why: String((error as Error).message ?? error), stack }, "will try again");
          return false;
        }
      }),
    );
    return done.includes(true);
  }
}

/** A move that was refused is not due yet, or never will be: it is tried again after a second, then later and later. */
function pauseAfter(times: number): number {
  return Math.min(15_000, 500 * 2 ** times);
}
