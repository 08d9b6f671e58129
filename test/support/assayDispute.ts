import type { ContractTransactionReceipt, ContractTransactionResponse, Log } from "ethers";
import type { Root } from "../../src/core/bytes.ts";
import {
  type Challenge,
  challengeIdOf,
  kindOf,
  type PackedChallenge,
  packChallenge,
  stakeKeyOf,
  unpackChallenge,
} from "../../src/protocol/challenge.ts";
import { selectionOf } from "../../src/protocol/challengerMove.ts";
import type { Address } from "../../src/protocol/claim.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import type { Selection } from "../../src/protocol/moves.ts";
import { cuts } from "../../src/protocol/ranges.ts";
import { rangeRoots, type Trace } from "../../src/protocol/trace.ts";
import type { AssayChain, Signer } from "./assayChain.ts";
import { proofStruct, type TestClaim } from "./assayClaim.ts";

/** Gas of one transaction of a dispute. */
export interface Move {
  readonly move: string;
  readonly side: "solver" | "challenger";
  readonly gas: bigint;
  readonly hash: string;
}

export interface DisputeOptions {
  /** Challenges between this checkpoint and the next one; the whole claim if not given. */
  readonly checkpoint?: number | undefined;
  readonly stakeNumber?: bigint;
  /** What is sent along; what the stake needs if not given. */
  readonly value?: bigint;
}

/** One challenge, followed through the events of its own moves: each holds where it stands after it. */
export class Dispute {
  /** Where it stands. A test may show something else. */
  at: Challenge;
  /** Roots between the children of its row. */
  roots: readonly Root[] = [];
  readonly moves: Move[] = [];

  private constructor(
    readonly claim: TestClaim,
    readonly challenger: Signer,
    readonly stakeNumber: bigint,
    at: Challenge,
  ) {
    this.at = at;
  }

  static async open(claim: TestClaim, challenger: Signer, options: DisputeOptions = {}): Promise<Dispute> {
    const { chain } = claim;
    const { checkpoint, stakeNumber = 0n } = options;
    const stakeKey = stakeKeyOf(challenger.address as Address, claim.fields.buildId, stakeNumber);
    const isLive = (await chain.assay.stakeOf(stakeKey)).status !== 0n;
    const value = options.value ?? (isLive ? 0n : chain.terms.challengerBond);
    const contract = chain.as(challenger);
    const { reference, details } = claim;
    const sent =
      checkpoint === undefined
        ? await contract.challenge(reference, stakeNumber, { value })
        : await contract.challengeCheckpoints(reference, details, claim.pair(checkpoint), stakeNumber, { value });
    const receipt = (await sent.wait())!;
    const at = unpackChallenge(eventOf(chain, receipt, "ChallengeOpened").challenge);
    const dispute = new Dispute(claim, challenger, stakeNumber, at);
    dispute.note("challenge", "challenger", receipt);
    return dispute;
  }

  get chain(): AssayChain {
    return this.claim.chain;
  }

  get id(): Root {
    return challengeIdOf(this.stakeKey, this.claim.claimId);
  }

  get stakeKey(): Root {
    return stakeKeyOf(this.challenger.address as Address, this.claim.fields.buildId, this.stakeNumber);
  }

  /** Where it stands, as calls show it. */
  get shown(): PackedChallenge {
    return packChallenge(this.at);
  }

  /** What the calls show that end it. */
  get ending(): [PackedChallenge, TestClaim["reference"], bigint] {
    return [this.shown, this.claim.reference, this.stakeNumber];
  }

  get isAtOneStep(): boolean {
    return kindOf(this.at) === "prove";
  }

  /** The solver's answer, as its trace has it. */
  async answer(trace: Trace = this.claim.trace): Promise<ContractTransactionResponse> {
    const contract = this.chain.as(this.claim.solver);
    const { log2Arity } = this.chain.terms;
    const { range } = this.at;
    if (range.log2Length > 0) {
      const roots = await rangeRoots(trace, range, cuts(range.from, range.log2Length, log2Arity));
      return await this.move("postRow", "solver", contract.postRow(this.shown, roots as Root[]));
    }
    const opening = await trace.openTick(range.from);
    const at = opening.log2Steps === 0 ? [] : cuts(0, opening.log2Steps, log2Arity);
    const roots = await trace.stepRoots(range.from, at);
    const { log2Steps, start, end } = opening;
    const tick = { log2Steps, start: proofStruct(start), end: proofStruct(end) };
    return await this.move("openTick", "solver", contract.openTick(this.shown, tick, roots));
  }

  /** The selection of the first child whose end the trace denies, or of a given one. */
  async selection(trace: Trace, child?: number): Promise<SelectionArgument> {
    const view = { status: "open", stakeNumber: this.stakeNumber, at: this.at, roots: this.roots } as const;
    return mutable(selectionOf(view, child ?? (await this.wrongChild(trace))));
  }

  /** The challenger's move. */
  async select(trace: Trace, child?: number): Promise<ContractTransactionResponse> {
    const selection = await this.selection(trace, child);
    return await this.move("select", "challenger", this.chain.as(this.challenger).select(this.shown, selection));
  }

  async proveFault(trace: Trace, sender: Signer = this.challenger): Promise<ContractTransactionResponse> {
    const witness = await trace.stepWitness(this.at.range.tick, this.at.range.from);
    const sent = this.chain.as(sender).proveFault(...this.ending, witness);
    return await this.move("proveFault", "challenger", sent);
  }

  /** The challenger's last selection and the fault proof at once. */
  async selectFault(trace: Trace, child?: number): Promise<ContractTransactionResponse> {
    const selection = await this.selection(trace, child);
    const { tick, from } = this.at.range;
    const witness = await trace.stepWitness(tick, from + selection.child);
    const sent = this.chain.as(this.challenger).selectFault(...this.ending, selection, witness);
    return await this.move("selectFault", "challenger", sent);
  }

  /** Plays rounds, the solver by its own trace, until the range is one step. */
  async playToStep(honest: Trace, child?: number): Promise<this> {
    while (!this.isAtOneStep) {
      if (this.at.row === zeroRoot) await this.answer();
      else await this.select(honest, child);
    }
    return this;
  }

  async timeoutSolver(sender: Signer = this.challenger) {
    return await this.move("timeoutSolver", "challenger", this.chain.as(sender).timeoutSolver(...this.ending));
  }

  async timeoutChallenger(sender: Signer = this.claim.solver) {
    return await this.move("timeoutChallenger", "solver", this.chain.as(sender).timeoutChallenger(...this.ending));
  }

  async concede(sender: Signer = this.claim.solver) {
    return await this.move("concede", "solver", this.chain.as(sender).concede(...this.ending));
  }

  async close(sender: Signer = this.challenger) {
    return await this.move("closeChallenge", "challenger", this.chain.as(sender).closeChallenge(...this.ending));
  }

  async returnStake(sender: Signer = this.challenger) {
    const sent = this.chain.as(sender).returnStake(this.claim.fields.buildId, this.stakeNumber);
    return await this.move("returnStake", "challenger", sent);
  }

  async isOpen(): Promise<boolean> {
    return (await this.chain.assay.challengeOf(this.id)) !== zeroRoot;
  }

  /** Status, number of open challenges, and whether it has covered several claims. */
  async stake(): Promise<[bigint, bigint, boolean]> {
    const { status, open, several } = await this.chain.assay.stakeOf(this.stakeKey);
    return [status, open, several];
  }

  private async wrongChild(trace: Trace): Promise<number> {
    const { range } = this.at;
    if (range.log2Length === 0) return 0;
    const own = await rangeRoots(trace, range, cuts(range.from, range.log2Length, this.chain.terms.log2Arity));
    const first = own.findIndex((root, i) => root !== this.roots[i]);
    return first === -1 ? own.length : first;
  }

  private async move(
    move: string,
    side: Move["side"],
    sending: Promise<ContractTransactionResponse>,
  ): Promise<ContractTransactionResponse> {
    const sent = await sending;
    this.note(move, side, (await sent.wait())!);
    return sent;
  }

  private note(move: string, side: Move["side"], receipt: ContractTransactionReceipt): void {
    this.moves.push({ move, side, gas: receipt.gasUsed, hash: receipt.hash });
    for (const { name, args } of eventsOf(this.chain, receipt)) {
      if ((name !== "Answered" && name !== "Selected") || args.challengeId !== this.id) continue;
      this.at = unpackChallenge(args.challenge);
      this.roots = name === "Answered" ? [...args.interiorRoots] : [];
    }
  }
}

/** A selection as the contract takes it. */
export type SelectionArgument = Omit<Selection, "siblings"> & { siblings: Root[] };

function mutable({ siblings, ...rest }: Selection): SelectionArgument {
  return { ...rest, siblings: [...siblings] };
}

/** The contract's events in a receipt. */
export function eventsOf({ assay }: AssayChain, { logs }: { logs: readonly Log[] }) {
  return logs.map((log) => assay.interface.parseLog(log)).filter((event) => event !== null);
}

/** The arguments of the one event of this name in a receipt. */
// biome-ignore lint/suspicious/noExplicitAny: event arguments have the shape of their event.
export function eventOf(chain: AssayChain, receipt: { logs: readonly Log[] }, name: string): any {
  const [event] = eventsOf(chain, receipt).filter((one) => one.name === name);
  if (event === undefined) throw new Error(`no event ${name}`);
  return event.args;
}
