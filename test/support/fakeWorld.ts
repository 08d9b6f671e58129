import type { ClaimRecord } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import { type ClaimReference, claimIdOf, detailsOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";
import { answerOf } from "../../src/protocol/solverMove.ts";
import type { Trace } from "../../src/protocol/trace.ts";
import { memoryStore } from "../../src/store/store.ts";
import { FakeRunner, publishToyBuild, toyBuild } from "./fakeBuilds.ts";
import { FakeChain } from "./fakeChain.ts";
import { FakeParty, type PartyOptions } from "./fakeParty.ts";
import { FakePorts } from "./fakePorts.ts";
import type { Call, Party } from "./game/calls.ts";
import { gameParameters, party } from "./game/gameParameters.ts";
import type { ModelChallenge } from "./game/modelState.ts";
import type { ToyTrace } from "./game/toyTrace.ts";
import { fieldsOf } from "./game/world.ts";

export const ether = 10n ** 18n;
export const solverAddress = party(1);
export const verifierAddress = party(2);
export const stranger = party(3);
export const accomplice = party(4);

/** A claim that a test has made, by hand. */
export interface HandmadeClaim {
  readonly claimId: Root;
  readonly reference: ClaimReference;
  readonly details: ReturnType<typeof detailsOf>;
  readonly reveal: Call;
}

/** A call that a test has made by hand, or had no challenge to make it in. */
export class CallRefused extends Error {}

/** A fake chain, a store, and a machine for toy builds; strangers' calls are made by hand. */
export class FakeWorld {
  readonly chain: FakeChain;
  readonly store = memoryStore();
  readonly runner = new FakeRunner();
  private salts = 0;
  private requests = 0n;

  constructor(parameters: Partial<Parameters> = {}) {
    this.chain = new FakeChain({ ...gameParameters, ...parameters });
  }

  get parameters(): Parameters {
    return this.chain.parameters;
  }

  solver(options?: PartyOptions, address: Party = solverAddress): FakeParty {
    return this.party("solver", address, options);
  }

  verifier(options?: PartyOptions, address: Party = verifierAddress): FakeParty {
    return this.party("verifier", address, options);
  }

  private party(kind: "solver" | "verifier", address: Party, options?: PartyOptions): FakeParty {
    if (!this.chain.balances.has(address)) this.chain.balances.set(address, 10n * ether);
    return new FakeParty(kind, new FakePorts(this.chain, address), this.store, this.runner, options);
  }

  /** Makes a call that must succeed. */
  async send(from: Party, call: Call, locator?: string): Promise<void> {
    const outcome = await this.chain.send(from, call, locator);
    if (!outcome.ok) throw new CallRefused(`the contract refuses ${call.kind}: ${outcome.error}(${outcome.args})`);
  }

  /** Puts a reward on a toy build. */
  async request(seed: number, reward = ether, expiresAfter = 1_000_000, locator?: string): Promise<Root> {
    const [buildId] = await toyBuild(seed).tickRoots([0]);
    const expiry = this.chain.time + expiresAfter;
    const number = this.requests++;
    const call: Call = { kind: "request", buildId: buildId!, expiry, number, value: reward };
    await this.send(stranger, call, locator ?? (await publishToyBuild(this.store, seed)));
    return buildId!;
  }

  /** Prepares a claim to a trace and commits to it. @param locator by default it leads to the build. */
  async commit(by: Party, trace: ToyTrace, locator?: string): Promise<HandmadeClaim> {
    const { chainId, address } = this.chain.model;
    const place = locator ?? (await publishToyBuild(this.store, trace.program.seed));
    const fields = { ...(await fieldsOf(trace, 3, 2)), locator: place };
    const salt = hashWords(++this.salts);
    const reference = referenceOf(by, salt, fields);
    const claimId = claimIdOf(chainId, address, reference);
    await this.send(by, { kind: "commit", claimId, value: this.parameters.solverBond });
    const proofs = { startProof: trace.startProof(), endProof: trace.endProof() };
    return {
      claimId,
      reference,
      details: detailsOf(fields, salt),
      reveal: { kind: "reveal", fields, salt, ...proofs },
    };
  }

  /** Commits to a claim and reveals it as soon as that is allowed. */
  async claim(by: Party, trace: ToyTrace, locator?: string): Promise<HandmadeClaim> {
    const claim = await this.commit(by, trace, locator);
    this.chain.pass(this.parameters.minCommitAgeSeconds);
    await this.send(by, claim.reveal);
    return claim;
  }

  /** Challenges a whole claim. */
  async challenge(
    by: Party,
    { reference, details }: Pick<ClaimRecord, "reference" | "details">,
    stakeNumber = 0n,
  ): Promise<void> {
    const call = { kind: "challenge", claim: reference, details, start: { kind: "whole" }, stakeNumber } as const;
    await this.send(by, { ...call, value: this.parameters.challengerBond });
  }

  /** Answers the first open challenge to a claim, by what a trace says. */
  async answer(by: Party, claim: Pick<ClaimRecord, "claimId">, trace: Trace): Promise<void> {
    const move = await answerOf(await this.disputeOf(claim), trace);
    if (move.kind === "none") throw new Error(`no answer: ${move.reason}`);
    await this.send(by, { kind: "move", move });
  }

  /** Ends the first open challenge to a claim. */
  async end(
    by: Party,
    kind: "concede" | "timeoutSolver" | "timeoutChallenger",
    challenged: Pick<ClaimRecord, "claimId">,
  ): Promise<void> {
    const { claim, challenge } = await this.disputeOf(challenged);
    const { at: shown, stakeNumber } = challenge;
    await this.send(by, { kind: "move", move: { kind, shown, claim, stakeNumber } });
  }

  private async disputeOf({ claimId }: Pick<ClaimRecord, "claimId">) {
    const { state } = this.chain.model;
    const isOpen = ({ claim, status }: ModelChallenge) => claim.id === claimId && status === "open";
    const [id] = [...state.challenges].find(([, challenge]) => isOpen(challenge)) ?? [];
    if (id === undefined) throw new CallRefused(`no challenge to ${claimId} is open`);
    return await this.chain.model.dispute(id, this.chain.time);
  }
}
