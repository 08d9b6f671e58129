import { assayCalls } from "../chain/claims.ts";
import { isOvertaken } from "../chain/moves.ts";
import type { Call } from "../chain/outbox/call.ts";
import type { Settlement } from "../chain/outbox/outbox.ts";
import type { AssayError } from "../core/errors.ts";
import type { Store } from "../store/store.ts";
import { type Duties, noneUndone } from "./duties.ts";
import type { Log } from "./log.ts";
import { type Observer, unobserved } from "./observer.ts";
import type { Ports } from "./ports.ts";
import { pauseAfter, Tasks } from "./tasks.ts";
import { Wakeup } from "./wakeup.ts";

/** What an operator allows a daemon to take on. */
export interface AgentLimits {
  readonly maxInputBytes: number;
  readonly maxDependencyBytes: number;
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
  maxInputBytes: 2 ** 30,
  maxDependencyBytes: 2 ** 30,
  maxTicks: 2 ** 20,
  maxBuildSeconds: 3600,
  openBuilds: 3,
  parallelChallenges: 64,
  minReward: 10n ** 15n,
};

/** A move that is due. */
export interface DueMove {
  /** Names the move and what it answers: while one is under way, or mined and not confirmed, it is not made again. */
  readonly key: string;
  readonly call: Call;
  /** Second of the chain by which it has to be mined. */
  readonly deadline?: number;
  /** For the log. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What both daemons are made of. Nothing in it has to survive the process. */
export class Agent {
  readonly calls: ReturnType<typeof assayCalls>;
  readonly wakeup = new Wakeup();
  readonly tasks: Tasks;
  /** Newest block when the process began: what was missed before is said, not counted. */
  startBlock = 0;
  /** Builds with open claims that the money does not reach, as of the last round. */
  unprotectedBuilds = 0;
  /** Fewest other stores that hold what an open own claim needs; undefined where that is not known. */
  holders: number | undefined;
  /** Moves that were refused: when they may be tried again, in milliseconds, and after how many refusals. */
  private readonly refused = new Map<string, { readonly until: number; readonly times: number }>();
  private readonly said = new Set<string>();

  constructor(
    readonly ports: Ports,
    readonly store: Store,
    readonly limits: AgentLimits,
    readonly log: Log,
    readonly observer: Observer = unobserved,
    readonly duties: Duties = noneUndone(),
  ) {
    this.calls = assayCalls(ports.contract.assay);
    this.tasks = new Tasks(log, ports.clock, () => this.wakeup.wake());
  }

  get ledger() {
    return this.ports.ledger;
  }

  get account() {
    return this.ports.account;
  }

  get parameters() {
    return this.ports.contract.parameters;
  }

  get address(): string {
    return this.ports.sender.address;
  }

  isMine(address: string): boolean {
    return address.toLowerCase() === this.address.toLowerCase();
  }

  /**
   * Sees to it that a move is made, once for each state of the chain in which it is due, and does not wait for it.
   * @returns whether it was set going now.
   */
  make({ key, call, deadline, facts }: DueMove): boolean {
    if (!this.canMake(key)) return false;
    const { sender, ledger } = this.ports;
    const settled = sender.submit({ key, call, ...(deadline !== undefined && { deadline }) });
    if (settled === undefined) return false;
    const left = deadline === undefined ? {} : { deadline, secondsLeft: deadline - ledger.now };
    void settled.then((settlement) => this.noteSettled(key, settlement, { ...facts, ...left, move: call.action }));
    return true;
  }

  /** Whether a move of that name would be set going now: it is neither under way nor mined, and was not refused a moment ago. */
  canMake(key: string): boolean {
    return !this.isUnconfirmed(key) && this.ports.clock() >= (this.refused.get(key)?.until ?? 0);
  }

  /** Whether a move of that name is under way, or mined in a block that the ledger has yet to read. */
  isUnconfirmed(key: string): boolean {
    const { sender, ledger } = this.ports;
    return sender.isUnderWay(key) || ledger.block < (sender.minedIn(key) ?? 0);
  }

  /** Says something once in the life of the process. @returns whether it was the first time. */
  once(key: string, say: () => void): boolean {
    if (this.said.has(key)) return false;
    this.said.add(key);
    say();
    return true;
  }

  /** Lets something be said again. */
  forget(key: string): void {
    this.said.delete(key);
  }

  private noteSettled(key: string, settlement: Settlement, facts: Readonly<Record<string, unknown>>): void {
    if (settlement.kind === "mined") {
      const { hash, blockNumber, gasUsed } = settlement.receipt;
      this.refused.delete(key);
      this.observer.moved(String(facts.kind), gasUsed);
      this.log.info({ ...facts, transaction: hash, block: blockNumber, gasUsed }, "moved");
    } else {
      this.noteRefused(key, settlement.error, facts);
    }
    this.wakeup.wake();
  }

  /** "Already done by somebody" is not a failure; either way the chain is looked at again before the next attempt. */
  private noteRefused(key: string, error: AssayError, facts: Readonly<Record<string, unknown>>): void {
    const times = (this.refused.get(key)?.times ?? 0) + 1;
    this.refused.set(key, { times, until: this.ports.clock() + pauseAfter(times) });
    const { code, message: why } = error;
    // The process ends.
    if (code === "chain/cancelled-fault") return;
    if (isOvertaken(error)) this.log.info({ ...facts, why }, "already done by somebody");
    else this.log.warn({ ...facts, code, why }, "not done: will try again if it is still due");
  }
}
