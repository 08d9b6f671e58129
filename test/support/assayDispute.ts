import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import type { Root } from "../../src/core/bytes.ts";
import { type Cursor, nodeOf } from "../../src/protocol/node.ts";
import { cuts } from "../../src/protocol/ranges.ts";
import { childProof, childRoots } from "../../src/protocol/row.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import type { AssayChain, Signer } from "./assayChain.ts";
import { proofStruct, type TestClaim } from "./assayClaim.ts";

export const zero = `0x${"0".repeat(64)}` as Root;

/** A position as the contract's events tell it. */
export interface PositionStruct {
  claimId: Root;
  startRoot: Root;
  endRoot: Root;
  place: bigint;
  holder: Root;
}

export interface RevealStruct {
  content: Root;
  postedAt: number;
  firstDemander: Root;
}

interface Shown {
  readonly postedAt: number;
  readonly firstDemander: Root;
  readonly startRoot: Root;
  readonly roots: readonly Root[];
  readonly opening?: { readonly log2Steps: number; readonly resumedRoot: Root };
}

/** One challenge, followed through the contract's events alone. */
export class Dispute {
  position: PositionStruct;
  /** Gas of each move, in order. */
  readonly gas: { readonly move: string; readonly gas: bigint }[] = [];

  private constructor(
    readonly chain: AssayChain,
    readonly claim: TestClaim,
    readonly challenger: Signer,
    readonly id: Root,
    position: PositionStruct,
    receipt: ContractTransactionReceipt,
  ) {
    this.position = position;
    this.gas.push({ move: "challenge", gas: receipt.gasUsed });
  }

  /** @param checkpoint challenges between checkpoint `checkpoint` and the next one. */
  static async open(claim: TestClaim, challenger: Signer, checkpoint?: number): Promise<Dispute> {
    const { chain, claimId } = claim;
    const contract = chain.as(challenger);
    const value = (await claim.state()).challengerBond;
    const sent =
      checkpoint === undefined
        ? await contract.challenge(claimId, { value })
        : await contract.challengeCheckpoints(claimId, claim.pair(checkpoint), { value });
    const receipt = (await sent.wait())!;
    const event = eventOf(chain, receipt, "ChallengeOpened");
    return new Dispute(chain, claim, challenger, event.challengeId, toPosition(event.position), receipt);
  }

  get cursor(): Cursor {
    const { claimId, startRoot, endRoot, place } = this.position;
    const bits = (low: number, width: number) => Number((place >> BigInt(low)) & ((1n << BigInt(width)) - 1n));
    const level = bits(176, 8) === 0 ? "ticks" : "steps";
    return { claimId, startRoot, endRoot, level, tick: bits(136, 40), from: bits(96, 40), log2Length: bits(88, 8) };
  }

  get clocks() {
    const { place } = this.position;
    return {
      movedAt: Number((place >> 48n) & 0xff_ffff_ffffn),
      solverLeft: Number((place >> 24n) & 0xff_ffffn),
      challengerLeft: Number(place & 0xff_ffffn),
    };
  }

  get node(): Root {
    return nodeOf(this.cursor);
  }

  /** The challenge that came first to the cursor's node, where the contract remembers it. */
  async firstDemander(): Promise<Root> {
    return (await this.#firstAtNode()) ?? zero;
  }

  /** What is stored for the cursor's node. */
  async shown(): Promise<RevealStruct> {
    const answer = await this.#answer();
    if (answer === undefined) return { content: zero, postedAt: 0, firstDemander: await this.firstDemander() };
    return { content: await this.#content(answer), postedAt: answer.postedAt, firstDemander: answer.firstDemander };
  }

  /** The solver's answer to the cursor, as its trace has it. */
  async answer(trace: Trace = this.claim.trace): Promise<ContractTransactionResponse> {
    const { level, tick, from, log2Length } = this.cursor;
    const contract = this.chain.as(this.claim.solver);
    const first = await this.firstDemander();
    const { log2Arity } = await this.#terms();
    if (log2Length === 0) {
      const opening = await trace.openTick(from);
      const roots = await trace.stepRoots(from, rowCuts(0, opening.log2Steps, log2Arity));
      const proofs = { start: proofStruct(opening.start), end: proofStruct(opening.end) };
      return await this.#note(
        "openTick",
        contract.openTick(this.id, this.position, first, { log2Steps: opening.log2Steps, ...proofs }, roots),
      );
    }
    const at = rowCuts(from, log2Length, log2Arity);
    const roots = level === "ticks" ? await trace.tickRoots(at) : await trace.stepRoots(tick, at);
    return await this.#note("postRow", contract.postRow(this.id, this.position, first, roots));
  }

  /** The selection of the first child whose end the trace denies, or of a given one. */
  async selection(trace: Trace, child?: number) {
    const answer = (await this.#answer())!;
    const { endRoot } = this.position;
    const chosen = child ?? (await this.#wrongChild(trace, answer));
    const roots = childRoots(answer.startRoot, answer.roots, endRoot, chosen);
    const siblings = answer.roots.length === 0 ? [] : childProof(answer.startRoot, answer.roots, chosen);
    const { postedAt, firstDemander } = answer;
    const opening = answer.opening ?? { log2Steps: 0, resumedRoot: zero };
    return { selection: { child: chosen, postedAt, firstDemander, ...roots, siblings }, opening };
  }

  /** The challenger's move. */
  async select(trace: Trace, child?: number): Promise<ContractTransactionResponse> {
    const { selection, opening } = await this.selection(trace, child);
    const contract = this.chain.as(this.challenger);
    const sent =
      this.cursor.log2Length === 0
        ? this.#note("select through opening", contract.selectMany(this.id, this.position, [selection], opening))
        : this.#note("select", contract.select(this.id, this.position, selection));
    const receipt = (await (await sent).wait())!;
    this.position = toPosition(eventOf(this.chain, receipt, "CursorMoved").position);
    return await sent;
  }

  async proveFault(trace: Trace, sender: Signer = this.challenger): Promise<ContractTransactionResponse> {
    const { tick, from } = this.cursor;
    const witness = await trace.stepWitness(tick, from);
    return await this.#note("proveFault", this.chain.as(sender).proveFault(this.id, this.position, witness));
  }

  /** The challenger's last selection and the fault proof at once. */
  async selectFault(trace: Trace, child?: number): Promise<ContractTransactionResponse> {
    const { selection } = await this.selection(trace, child);
    const { level, tick, from, log2Length } = this.cursor;
    if (level === "ticks" || log2Length === 0) throw new Error("the cursor is not at a row of steps");
    const witness = await trace.stepWitness(tick, from + selection.child);
    const contract = this.chain.as(this.challenger);
    return await this.#note("selectFault", contract.selectFault(this.id, this.position, selection, witness));
  }

  /** Plays rounds, the solver by its own trace, until the cursor is one step. */
  async playToStep(honest: Trace, maxRounds = 100): Promise<void> {
    for (let round = 0; round < maxRounds; round++) {
      const { level, log2Length } = this.cursor;
      if (level === "steps" && log2Length === 0) return;
      if ((await this.#answer()) === undefined) await this.answer();
      await this.select(honest);
    }
  }

  async timeoutSolver(sender: Signer = this.challenger) {
    return await this.chain.as(sender).timeoutSolver(this.id, this.position, await this.shown());
  }

  async timeoutChallenger(sender: Signer = this.claim.solver) {
    return await this.chain.as(sender).timeoutChallenger(this.id, this.position, await this.shown());
  }

  async concede() {
    const first = await this.firstDemander();
    return await this.chain.as(this.claim.solver).concede(this.id, this.position, first);
  }

  async close(sender: Signer = this.challenger) {
    return await this.chain.as(sender).closeChallenge(this.id, this.position);
  }

  async isOpen(): Promise<boolean> {
    return (await this.chain.assay.challengeOf(this.id)) !== zero;
  }

  async #terms() {
    const { log2Arity } = await this.claim.state();
    return { log2Arity: Number(log2Arity) };
  }

  async #wrongChild(trace: Trace, answer: Shown): Promise<number> {
    const { level, tick, from } = this.cursor;
    const { log2Arity } = await this.#terms();
    const roots = [...answer.roots, this.position.endRoot];
    const opened = answer.opening;
    const [first, log2Length] = opened === undefined ? [from, this.cursor.log2Length] : [0, opened.log2Steps];
    const at = [...rowCuts(first, log2Length, log2Arity), first + 2 ** log2Length];
    const atTicks = level === "ticks" && opened === undefined;
    const own = atTicks ? await trace.tickRoots(at) : await trace.stepRoots(opened === undefined ? tick : from, at);
    return Math.max(
      0,
      roots.findIndex((root, i) => root !== own[i]),
    );
  }

  async #note(move: string, sending: Promise<ContractTransactionResponse>): Promise<ContractTransactionResponse> {
    const sent = await sending;
    this.gas.push({ move, gas: (await sent.wait())!.gasUsed });
    return sent;
  }

  async #answer(): Promise<Shown | undefined> {
    const { assay } = this.chain;
    const { node } = this;
    const [row] = await assay.queryFilter(assay.filters.RowPosted(node));
    const [opening] = await assay.queryFilter(assay.filters.TickOpened(node));
    const event = row ?? opening;
    if (event === undefined) return undefined;
    const postedAt = (await event.getBlock()).timestamp;
    const firstDemander = await this.firstDemander();
    const roots = [...event.args.interiorRoots] as Root[];
    if (opening === undefined) return { postedAt, firstDemander, startRoot: this.position.startRoot, roots };
    const resumedRoot = opening.args.resumedRoot as Root;
    const opened = { log2Steps: Number(opening.args.log2Steps), resumedRoot };
    return { postedAt, firstDemander, startRoot: resumedRoot, roots, opening: opened };
  }

  async #content(answer: Shown): Promise<Root> {
    const { AbiCoder, keccak256 } = await import("ethers");
    const { rowRoot } = await import("../../src/protocol/row.ts");
    const root = answer.roots.length === 0 ? zero : rowRoot(answer.startRoot, answer.roots);
    if (answer.opening === undefined) return root;
    const { log2Steps, resumedRoot } = answer.opening;
    const words = AbiCoder.defaultAbiCoder().encode(["uint8", "bytes32", "bytes32"], [log2Steps, resumedRoot, root]);
    return keccak256(words) as Root;
  }

  async #firstAtNode(): Promise<Root | undefined> {
    const { level, log2Length } = this.cursor;
    const { log2Arity } = await this.#terms();
    const isTick = level === "ticks" && log2Length === 0;
    const isLastRow = level === "steps" && log2Length > 0 && log2Length <= log2Arity;
    if (!isTick && !isLastRow) return undefined;
    const { assay } = this.chain;
    const opened = await assay.queryFilter(assay.filters.ChallengeOpened(this.claim.claimId));
    const moved = await assay.queryFilter(assay.filters.CursorMoved());
    const events = [...opened, ...moved].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    for (const { args } of events) {
      const position = toPosition(args.position);
      if (position.claimId !== this.claim.claimId) continue;
      const there = position.startRoot === this.position.startRoot && position.endRoot === this.position.endRoot;
      if (there && position.place >> 88n === this.position.place >> 88n) return args.challengeId as Root;
    }
    return undefined;
  }
}

/** The one event of this name in a receipt. */
// biome-ignore lint/suspicious/noExplicitAny: event arguments have the shape of their event.
export function eventOf(chain: AssayChain, receipt: ContractTransactionReceipt, name: string): any {
  for (const log of receipt.logs) {
    const parsed = chain.assay.interface.parseLog(log);
    if (parsed?.name === name) return parsed.args;
  }
  throw new Error(`no event ${name}`);
}

export function toPosition(position: {
  claimId: string;
  startRoot: string;
  endRoot: string;
  place: bigint;
  holder: string;
}): PositionStruct {
  const { claimId, startRoot, endRoot, place, holder } = position;
  return { claimId, startRoot, endRoot, place, holder } as PositionStruct;
}

function rowCuts(from: number, log2Length: number, log2Arity: number): number[] {
  return log2Length === 0 ? [] : cuts(from, log2Length, log2Arity);
}
