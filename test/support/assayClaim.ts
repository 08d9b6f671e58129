import { id as hashOfText, type Result, toBeHex } from "ethers";
import { type Root, toHex } from "../../src/core/bytes.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import type { RegistersProof, Trace } from "../../src/protocol/trace.ts";
import { type AssayChain, type Signer, testTerms } from "./assayChain.ts";

/** A registers proof as the contracts take it. */
export function proofStruct({ registers, stackRoot, rest }: RegistersProof) {
  const words = [0, 32, 64, 96].map((at) => toHex(registers.subarray(at, at + 32)));
  return { registers: words as [string, string, string, string], stackRoot, rest };
}

export interface ClaimOptions {
  readonly log2Ticks?: number;
  readonly log2CheckpointTicks?: number;
  readonly salt?: string;
  /** Overrides of what the trace says. */
  readonly fields?: Partial<ClaimFields>;
}

/** A trace of which the ends can be proven. */
export interface ProvenTrace extends Trace {
  readonly startProof: RegistersProof;
  /** Registers and result record of the last state, as `IStepVerifier.result` takes them. */
  readonly resultProof: Uint8Array;
}

/** A trace that answers as another one, except where `changes` say otherwise. */
export function alterTrace(trace: ProvenTrace, changes: Partial<ProvenTrace>): ProvenTrace {
  return {
    startProof: trace.startProof,
    resultProof: trace.resultProof,
    tickRoots: (ticks) => trace.tickRoots(ticks),
    openTick: (tick) => trace.openTick(tick),
    stepRoots: (tick, steps) => trace.stepRoots(tick, steps),
    stepWitness: (tick, step) => trace.stepWitness(tick, step),
    ...changes,
  };
}

/** A claim of a solver, with the trace it defends. */
export class TestClaim {
  private constructor(
    readonly chain: AssayChain,
    readonly solver: Signer,
    readonly trace: ProvenTrace,
    readonly claimId: Root,
    readonly salt: string,
    readonly fields: ClaimFields,
    readonly checkpoints: CheckpointTree,
  ) {}

  /** Prepares a claim of what the trace gives, and commits to it. */
  static async commit(
    chain: AssayChain,
    solver: Signer,
    trace: ProvenTrace,
    options: ClaimOptions = {},
  ): Promise<TestClaim> {
    const log2Ticks = options.log2Ticks ?? 3;
    const log2CheckpointTicks = options.log2CheckpointTicks ?? 0;
    const distance = 2 ** log2CheckpointTicks;
    const indices = Array.from({ length: 2 ** (log2Ticks - log2CheckpointTicks) - 1 }, (_, i) => (i + 1) * distance);
    const checkpoints = new CheckpointTree({ roots: await trace.tickRoots(indices) });
    const [buildId, finalRoot] = (await trace.tickRoots([0, 2 ** log2Ticks])) as [Root, Root];
    const fields: ClaimFields = {
      buildId,
      finalRoot,
      log2Ticks,
      log2CheckpointTicks,
      checkpointRoot: checkpoints.root,
      locator: "store:example",
      ...options.fields,
    };
    const salt = options.salt ?? hashOfText(`salt of ${solver.address}`);
    const claimId = (await chain.assay.claimIdOf(solver.address, salt, fields)) as Root;
    const { solverBond } = await chain.assay.parameters();
    await chain.as(solver).commit(claimId, { value: solverBond });
    return new TestClaim(chain, solver, trace, claimId, salt, fields, checkpoints);
  }

  /** Commits and reveals as soon as that is allowed. */
  static async make(
    chain: AssayChain,
    solver: Signer,
    trace: ProvenTrace,
    options: ClaimOptions = {},
  ): Promise<TestClaim> {
    const claim = await TestClaim.commit(chain, solver, trace, options);
    await chain.after(testTerms.minCommitAgeSeconds);
    await claim.reveal();
    return claim;
  }

  async reveal(sender: Signer = this.solver) {
    const { startProof, resultProof } = this.trace;
    return await this.chain.as(sender).reveal(this.fields, this.salt, proofStruct(startProof), resultProof);
  }

  /** Lets all windows pass and finalizes. */
  async finalize(): Promise<void> {
    const from = Number(await this.chain.assay.finalizableFrom(this.claimId));
    if (from > (await this.chain.now())) await this.chain.at(from);
    await this.chain.assay.finalize(this.claimId);
  }

  async state() {
    return await this.chain.assay.claimOf(this.claimId);
  }

  /** The stored claim as a plain object. */
  async stored(): Promise<Record<string, unknown>> {
    const claim = (await this.chain.assay.claimOf(this.claimId)) as unknown as Result;
    return claim.toObject();
  }

  /** The pair of checkpoints `index`, `index + 1`, with proofs. */
  pair(index: number) {
    const list = [this.fields.buildId, ...this.checkpoints.list.roots, this.fields.finalRoot];
    return {
      index,
      startRoot: list[index]!,
      endRoot: list[index + 1]!,
      startProof: this.checkpoints.proof(index),
      endProof: this.checkpoints.proof(index + 1),
    };
  }
}

/** `ClaimFields` of the contracts. */
export interface ClaimFields {
  buildId: Root;
  finalRoot: Root;
  log2Ticks: number;
  log2CheckpointTicks: number;
  checkpointRoot: Root;
  locator: string;
}

/** A root that belongs to no state. */
export function madeUpRoot(number: number): Root {
  return hashOfText(`made up ${toBeHex(number)}`) as Root;
}
