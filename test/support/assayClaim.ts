import { type Result, toBeHex } from "ethers";
import { type Root, toHex } from "../../src/core/bytes.ts";
import { headerBytes } from "../../src/machine/layout.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import {
  type Address,
  type ClaimDetails,
  type ClaimFields,
  type ClaimReference,
  claimIdOf,
  detailsOf,
  type Outcome,
  referenceOf,
} from "../../src/protocol/claim.ts";
import { hashText, zeroRoot } from "../../src/protocol/hash.ts";
import type { RegistersProof, Trace } from "../../src/protocol/trace.ts";
import type { AssayChain, Signer } from "./assayChain.ts";

const hardhatChainId = 31337n;

/** A registers proof as the contracts take it. */
export function proofStruct({ registers, stackRoot, rest }: RegistersProof) {
  const words = [0, 32, 64, 96].map((at) => toHex(registers.subarray(at, at + 32)));
  return { registers: words as [string, string, string, string], stackRoot, rest };
}

export interface ClaimOptions {
  readonly log2Ticks?: number;
  readonly log2CheckpointTicks?: number;
  readonly salt?: Root;
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
  readonly claimId: Root;
  readonly reference: ClaimReference;
  readonly details: ClaimDetails;

  private constructor(
    readonly chain: AssayChain,
    readonly solver: Signer,
    readonly trace: ProvenTrace,
    readonly salt: Root,
    readonly fields: ClaimFields,
    readonly checkpoints: CheckpointTree,
  ) {
    this.details = detailsOf(fields, salt);
    this.reference = referenceOf(solver.address as Address, salt, fields);
    this.claimId = claimIdOf(hardhatChainId, chain.address, this.reference);
  }

  /** Prepares a claim of what the trace gives. */
  static async prepare(
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
      outcome: outcomeOf(trace.resultProof),
      ...options.fields,
    };
    const salt = options.salt ?? hashText(`salt of ${solver.address}`);
    return new TestClaim(chain, solver, trace, salt, fields, checkpoints);
  }

  /** Prepares a claim of what the trace gives, and commits to it. */
  static async commit(...given: Parameters<typeof TestClaim.prepare>): Promise<TestClaim> {
    const claim = await TestClaim.prepare(...given);
    await claim.commit();
    return claim;
  }

  /** Commits and reveals as soon as that is allowed. */
  static async make(...given: Parameters<typeof TestClaim.prepare>): Promise<TestClaim> {
    const claim = await TestClaim.commit(...given);
    await claim.chain.after(claim.chain.terms.minCommitAgeSeconds);
    await claim.reveal();
    return claim;
  }

  async commit() {
    return await this.chain.as(this.solver).commit(this.claimId, { value: this.chain.terms.solverBond });
  }

  async reveal(sender: Signer = this.solver) {
    const { startProof, resultProof } = this.trace;
    const { outcome: _, ...fields } = this.fields;
    return await this.chain.as(sender).reveal(fields, this.salt, proofStruct(startProof), resultProof);
  }

  /** Lets its window and the reaction time pass and finalizes. */
  async finalize(sender: Signer = this.solver) {
    const from = Number(await this.chain.lens.finalizableFrom(this.reference));
    if (from > (await this.chain.now())) await this.chain.at(from);
    return await this.chain.as(sender).finalize(this.reference, this.details);
  }

  /** Ends the commitment of a claim that could not be revealed. */
  async return(sender: Signer = this.solver) {
    return await this.chain.as(sender).returnCommit(this.reference);
  }

  async state() {
    return await this.chain.assay.claimOf(this.solver.address, this.claimId);
  }

  /** What is stored of the claim, as a plain object. */
  async stored(): Promise<Record<string, bigint>> {
    return ((await this.state()) as unknown as Result).toObject();
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

/** What a final state says, read from the proof that shows it: registers first, then the record in memory leaf 0. */
function outcomeOf(proof: Uint8Array): Outcome {
  const view = new DataView(proof.buffer, proof.byteOffset, proof.byteLength);
  const endStatus = view.getUint32(4 * Register.status, true);
  if (endStatus === Status.trapped) {
    const code = view.getUint32(4 * Register.trapCode, true);
    return { endStatus, code, recordVersion: 0, artifactSize: 0n, artifactSha256: zeroRoot };
  }
  const record = readResultRecord(proof.subarray(headerBytes));
  return {
    endStatus,
    code: record.exitCode,
    recordVersion: record.version,
    artifactSize: record.artifactSize,
    artifactSha256: record.artifactSha256,
  };
}

/** A root that belongs to no state. */
export function madeUpRoot(number: number): Root {
  return hashText(`made up ${toBeHex(number)}`);
}
