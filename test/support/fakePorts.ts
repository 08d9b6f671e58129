import type { TransactionReceipt } from "ethers";
import type { LedgerReader, MoveSender, Ports } from "../../src/agents/ports.ts";
import { memoryVerdicts } from "../../src/agents/verdicts.ts";
import type { AccountReader, Commitment, StakeStatus } from "../../src/chain/account.ts";
import { History, type HistoryEvent } from "../../src/chain/history.ts";
import type { News } from "../../src/chain/ledger.ts";
import { LedgerView } from "../../src/chain/ledgerView.ts";
import type { Settlement, Submission } from "../../src/chain/outbox/outbox.ts";
import type { ChallengeRecord } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AssayError } from "../../src/core/errors.ts";
import { challengeWord } from "../../src/protocol/challenge.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";
import type { FakeChain } from "./fakeChain.ts";
import type { Party } from "./game/calls.ts";

/** A ledger over a fake chain; a real history, which a test may falsify. */
export class FakeLedger extends LedgerView implements LedgerReader {
  private currentHistory = new History();
  private read = 0;
  private told = 0;
  private upTo = -1;
  /** Blocks that the newest is ahead of what counts as confirmed. */
  confirmations = 0;
  /** Whether the block of the history has left the chain, as far as servers say. */
  isReorganised = false;
  distrusted = 0;

  constructor(readonly chain: FakeChain) {
    super();
  }

  override get history(): History {
    return this.currentHistory;
  }

  override get now(): number {
    return this.chain.time;
  }

  protected override get parameters(): Parameters {
    return this.chain.parameters;
  }

  get block(): number {
    return this.upTo;
  }

  async refresh(): Promise<News> {
    const { events: mined, block } = this.chain;
    this.upTo = Math.max(0, block - this.confirmations);
    const events: HistoryEvent[] = [];
    for (; this.read < mined.length && mined[this.read]!.log.blockNumber <= this.upTo; this.read++) {
      const { event, log, timestamp } = mined[this.read]!;
      const applied = this.currentHistory.applyEvent(event, log, timestamp);
      if (this.read >= this.told) events.push(applied);
    }
    this.told = Math.max(this.told, this.read);
    return { events };
  }

  async isStored({ id, at }: ChallengeRecord): Promise<boolean | undefined> {
    if (this.isReorganised) return undefined;
    return this.chain.wordOf(id, this.upTo) === challengeWord(at);
  }

  distrust(): void {
    this.distrusted++;
    this.currentHistory = new History();
    this.read = 0;
    this.upTo = -1;
  }
}

/** An account of the fake chain, as its newest block has it. */
export class FakeAccount implements AccountReader {
  constructor(
    readonly chain: FakeChain,
    readonly address: Party,
  ) {}

  async balance(): Promise<bigint> {
    return this.chain.balanceOf(this.address);
  }

  async gasPrice(): Promise<bigint> {
    return this.chain.gasPrice;
  }

  async owed(): Promise<bigint> {
    return this.chain.model.owed(this.address);
  }

  async commitment(claimId: Root): Promise<Commitment> {
    const { status = "none", committedAt = 0 } = this.chain.model.state.claims.get(`${this.address}/${claimId}`) ?? {};
    const isRevealed = status === "open" || status === "refuted" || status === "final";
    return { status: isRevealed ? "revealed" : status, committedAt };
  }

  async stakeStatus(key: Root): Promise<StakeStatus> {
    return this.chain.model.state.stakes.get(key)?.status ?? "none";
  }
}

interface Waiting extends Submission {
  readonly settle: (settlement: Settlement) => void;
  readonly settled: Promise<Settlement>;
}

/** Holds moves back until the test has them mined or refused, and remembers all of them. */
export class FakeSender implements MoveSender {
  readonly submissions: Submission[] = [];
  /** Moves that the contract has refused, with the name of its error. */
  readonly refusals: { readonly key: string; readonly error: string }[] = [];
  private readonly waiting = new Map<string, Waiting>();
  private readonly mined = new Map<string, number>();

  constructor(
    readonly chain: FakeChain,
    readonly address: Party,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  /** Moves that are under way. */
  get underWay(): Submission[] {
    return [...this.waiting.values()];
  }

  submit(submission: Submission): Promise<Settlement> | undefined {
    if (this.isUnderWay(submission.key)) return undefined;
    this.submissions.push(submission);
    let settle: Waiting["settle"] = () => {};
    const settled = new Promise<Settlement>((resolve) => {
      settle = resolve;
    });
    this.waiting.set(submission.key, { ...submission, settle, settled });
    return settled;
  }

  isUnderWay(key: string): boolean {
    return this.waiting.has(key);
  }

  minedIn(key: string): number | undefined {
    return this.mined.get(key);
  }

  /** Has all moves that are under way executed, those first that are due first. */
  async mine(): Promise<void> {
    const due = [...this.waiting.values()].sort((a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity));
    for (const { key, call } of due) {
      const outcome = await this.chain.execute(this.address, call);
      if (!outcome.ok) {
        await this.refuse(key, outcome.error);
        continue;
      }
      this.mined.set(key, this.chain.block);
      const receipt = { hash: `0x${this.chain.block}`, blockNumber: this.chain.block, gasUsed: 100_000n };
      await this.end(key, { kind: "mined", receipt: receipt as TransactionReceipt });
    }
  }

  /** Ends a move with a revert, or with another failure. */
  async refuse(
    key: string,
    error: string,
    code: "chain/reverted" | "chain/cancelled-fault" = "chain/reverted",
  ): Promise<void> {
    this.refusals.push({ key, error });
    const failure =
      code === "chain/reverted"
        ? new AssayError(code, `the contract says ${error}`, { name: error, args: [], data: "0x", action: key })
        : new AssayError(code, error);
    await this.end(key, { kind: "failed", error: failure });
  }

  private async end(key: string, settlement: Settlement): Promise<void> {
    const { settle, settled } = this.waiting.get(key)!;
    this.waiting.delete(key);
    settle(settlement);
    await settled;
  }
}

/** Ports of an account on a fake chain, with a clock that a test moves. */
export class FakePorts implements Ports {
  readonly contract: Ports["contract"];
  readonly ledger: FakeLedger;
  readonly account: FakeAccount;
  readonly sender: FakeSender;
  readonly verdicts = memoryVerdicts();
  milliseconds = 0;

  constructor(
    readonly chain: FakeChain,
    readonly address: Party,
  ) {
    const { chainId, address: assay } = chain.model;
    this.contract = { chainId, assay, parameters: chain.parameters, server: () => "fake server" };
    this.ledger = new FakeLedger(chain);
    this.account = new FakeAccount(chain, address);
    this.sender = new FakeSender(chain, address);
  }

  readonly head = () => ({ number: this.chain.block, timestamp: this.chain.time - 1 });
  readonly clock = () => this.milliseconds;
}
