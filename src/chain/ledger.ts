import type { Log } from "ethers";
import type { Root } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { challengeWord } from "../protocol/challenge.ts";
import { challengeableUntil, finalizableFrom, type RoundView, rewardDueFrom } from "../protocol/rounds.ts";
import type { ClaimView, DisputeView } from "../protocol/views.ts";
import type { AssayChain } from "./assay.ts";
import { chainTime } from "./assay.ts";
import type { ChainErrorCode } from "./errors.ts";
import { type Happening, History } from "./history.ts";
import type { ChallengeRecord, ClaimRecord } from "./records.ts";
import { type BlockId, type Scan, type ScanOptions, scan } from "./scan.ts";

/** What a party knows of the chain: the confirmed history, and what time it is there. */
export class Ledger {
  #history: History;
  #upTo: BlockId | undefined;
  #now = 0;
  readonly #timestamps = new Map<number, number>();
  /** Names of all logs that have been taken in. */
  #known: string[] = [];
  #checkedAt = Date.now();

  /** @param recheckSeconds how often everything is read again: a server that has dropped a log once says so rarely. */
  constructor(
    readonly chain: AssayChain,
    private readonly recheckSeconds = 3600,
  ) {
    this.#history = new History();
  }

  get history(): History {
    return this.#history;
  }

  /** Number of the last block that has been read; -1 before the first. */
  get block(): number {
    return this.#upTo?.number ?? -1;
  }

  /** The earliest time the next block can have. Seconds. */
  get now(): number {
    return this.#now;
  }

  /**
   * Reads what is new. After a reorganisation everything is read again, and `restarted` is true: decisions made from the old
   * history are void, moves made from it revert on their own.
   */
  async refresh(): Promise<{ readonly happenings: readonly Happening[]; readonly restarted: boolean }> {
    const { deployment, provider } = this.chain;
    this.#now = (await chainTime(this.chain)) + 1;
    const options = {
      address: deployment.assay,
      firstBlock: deployment.deploymentBlock,
      confirmations: deployment.confirmations,
      maxRange: deployment.logRange,
    };
    const found = (await this.#recheck(options)) ?? (await scan(provider, options, this.#upTo));
    if (found === undefined) return { happenings: [], restarted: false };
    if (found.restarted) this.#timestamps.clear();
    // The old history stays until the new logs have been taken in, so that a failure in between loses nothing.
    const timestamps: number[] = [];
    for (const log of found.logs) timestamps.push(await this.#timestampOf(log.blockNumber));
    const history = found.restarted ? new History() : this.#history;
    const happenings: Happening[] = [];
    found.logs.forEach((log, i) => {
      const happening = history.apply(log, timestamps[i]!);
      if (happening !== undefined) happenings.push(happening);
    });
    this.#history = history;
    this.#upTo = found.upTo;
    this.#known = [...(found.restarted ? [] : this.#known), ...found.logs.map(nameOf)];
    return { happenings, restarted: found.restarted };
  }

  /**
   * Whether the contract keeps what the events say of a challenge. A server can invent events, but none that hash to the word
   * that another answer of its own, or of the next server, says is stored.
   * @returns undefined when the chain has been reorganised since: the next `refresh` will see it.
   */
  async isStored({ id, at }: ChallengeRecord): Promise<boolean | undefined> {
    if ((await this.chain.contract.challengeOf(id, { blockTag: this.block })) === challengeWord(at)) return true;
    const { hash } = (await this.chain.provider.getBlock(this.block)) ?? {};
    return hash === this.#upTo?.hash ? false : undefined;
  }

  /** Forgets everything: the next `refresh` reads it again, from whichever server answers then. */
  distrust(): void {
    this.#history = new History();
    this.#upTo = undefined;
    this.#known = [];
    this.#timestamps.clear();
  }

  /** Everything about one challenge at this moment, as the game logic wants it. */
  disputeView(id: Root): DisputeView {
    const { status, stakeNumber, at, roots, claimId } = this.#history.challenges.get(id)!;
    return {
      now: this.#now,
      claim: this.claimView(this.#history.claims.get(claimId)!),
      challenge: { status, stakeNumber, at, roots },
    };
  }

  claimView({ claimId, status, reference, fields }: ClaimRecord): ClaimView {
    const { log2Arity, maxLog2Steps, minResponseSeconds } = this.chain.parameters;
    const { log2CheckpointTicks, checkpointRoot } = fields;
    const terms = { log2Arity, maxLog2Steps, minResponseSeconds };
    return { claimId, status, ...reference, log2CheckpointTicks, checkpointRoot, ...terms };
  }

  /** What the claims of a build mean for each other. */
  roundOf(buildId: Root): RoundView {
    const build = this.#history.builds.get(buildId);
    const { calmSince = 0, joinDeadline = 0, finalizedAt = 0 } = build ?? {};
    const openRoots = new Set(this.#history.livingClaims(buildId).map(({ fields }) => fields.finalRoot)).size;
    return { openRoots, calmSince, joinDeadline, finalizedAt };
  }

  isChallengeable({ status, windowEnd, fields }: ClaimRecord): boolean {
    const { reactionSeconds } = this.chain.parameters;
    return (
      status === "open" && this.#now < challengeableUntil(windowEnd, this.roundOf(fields.buildId), reactionSeconds)
    );
  }

  /** The second from which a claim can be finalized, as far as time decides it. */
  finalizableFrom({ windowEnd, fields }: ClaimRecord): number {
    return finalizableFrom(windowEnd, this.roundOf(fields.buildId), this.chain.parameters.reactionSeconds);
  }

  /** The second from which the reward on a final build can be paid. */
  rewardDueFrom(buildId: Root): number {
    const openClaims = this.#history.openClaims(buildId).length;
    return rewardDueFrom(this.roundOf(buildId), openClaims, this.chain.parameters);
  }

  /** Reads everything again when it is time. @returns it, if it is not what is known so far. */
  async #recheck(options: ScanOptions): Promise<Scan | undefined> {
    if (this.#upTo === undefined || Date.now() - this.#checkedAt < this.recheckSeconds * 1000) return undefined;
    this.#checkedAt = Date.now();
    let found: Scan | undefined;
    try {
      found = await scan(this.chain.provider, options, undefined);
    } catch (error) {
      // What is new can still be read: the next time is soon enough.
      if (!isAssayError(error)) throw error;
      return undefined;
    }
    if (found === undefined || found.upTo.number < this.#upTo.number) return undefined;
    const given = found.logs.slice(0, this.#known.length).map(nameOf);
    if (given.length === this.#known.length && given.every((name, i) => name === this.#known[i])) return undefined;
    return { ...found, restarted: true };
  }

  async #timestampOf(number: number): Promise<number> {
    const known = this.#timestamps.get(number);
    if (known !== undefined) return known;
    const block = await this.chain.provider.getBlock(number);
    if (block === null) {
      throw new AssayError<ChainErrorCode>(
        "chain/behind-fault",
        `the server has told logs of block ${number} and does not know the block: it will be asked again`,
        { number },
      );
    }
    this.#timestamps.set(number, block.timestamp);
    return block.timestamp;
  }
}

function nameOf({ blockHash, index }: Log): string {
  return `${blockHash} ${index}`;
}
