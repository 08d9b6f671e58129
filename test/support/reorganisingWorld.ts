import { ContractFactory, type TransactionReceipt } from "ethers";
import { type AssayChain as Connection, connect } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { commitmentKey } from "../../src/chain/history.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { callOfMove } from "../../src/chain/moves.ts";
import type { Call } from "../../src/chain/outbox/call.ts";
import type { Root } from "../../src/core/bytes.ts";
import { assessClaim } from "../../src/protocol/assessClaim.ts";
import { stakeKeyOf } from "../../src/protocol/challenge.ts";
import { challengerMove } from "../../src/protocol/challengerMove.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import { type Address, type ClaimFields, claimIdOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashText } from "../../src/protocol/hash.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";
import { solverMove } from "../../src/protocol/solverMove.ts";
import { outcomeOf } from "../../src/trace/outcome.ts";
import { Assay__factory } from "../../src/types/factories/Assay__factory.ts";
import { StepVerifier__factory } from "../../src/types/factories/step/StepVerifier__factory.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import type { LoopTrace } from "./loopTrace.ts";

/** What a transaction is for: the phases of a build's way to its result. */
export type Phase = "commit" | "reveal" | "challenge" | "answer" | "select" | "refute" | "finalize" | "return stake";

/** Somebody with a trace who solves and verifies: decides everything anew from the ledger, as a daemon does. */
export interface Party {
  readonly address: Address;
  readonly trace: LoopTrace;
  readonly role: "solver" | "verifier";
}

const log2Ticks = 3;
const gas = 12_000_000;

/** The contracts on anvil, a ledger that follows them, and parties whose transactions can be undone again. */
export class ReorganisingWorld {
  private constructor(
    readonly anvil: Anvil,
    readonly chain: Connection,
    readonly ledger: Ledger,
    readonly firstBlock: number,
    readonly accounts: readonly Address[],
  ) {}

  static async start(terms: Parameters): Promise<ReorganisingWorld> {
    const anvil = await startAnvil();
    const { provider } = anvil;
    const accounts = (await provider.send("eth_accounts", [])) as Address[];
    const signer = await provider.getSigner(0);
    const verifier = await new ContractFactory(
      StepVerifier__factory.abi,
      StepVerifier__factory.bytecode,
      signer,
    ).deploy();
    const assay = await new ContractFactory(Assay__factory.abi, Assay__factory.bytecode, signer).deploy(
      terms,
      await verifier.getAddress(),
    );
    await assay.waitForDeployment();
    const firstBlock = await provider.getBlockNumber();
    const deployment = {
      ...{ rpc: anvil.url, chainId: 31337n, assay: await assay.getAddress() },
      ...{ deploymentBlock: 0, confirmations: 0, logRange: 1000 },
    };
    const chain = await connect(deployment);
    return new ReorganisingWorld(anvil, chain, new Ledger(chain), firstBlock, accounts);
  }

  async close(): Promise<void> {
    this.chain.close();
    await this.anvil.close();
  }

  async send(from: Address, { to, data, value = 0n }: Call): Promise<TransactionReceipt> {
    const { provider } = this.anvil;
    const hex = (number: bigint | number) => `0x${number.toString(16)}`;
    const hash = await provider.send("eth_sendTransaction", [{ from, to, data, value: hex(value), gas: hex(gas) }]);
    // The node may answer before it has mined the block; ethers' own waiting begins with the next one.
    for (;;) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async skip(seconds: number): Promise<void> {
    await this.anvil.provider.send("evm_increaseTime", [seconds]);
    await this.anvil.provider.send("evm_mine", []);
  }

  /**
   * Replaces the newest blocks by as many others.
   * @param again whether their transactions come back, in the first of the new blocks, or are dropped.
   * @returns how many blocks: no more than there are since the deployment.
   */
  async reorganise(depth: number, again: boolean): Promise<number> {
    const { provider } = this.anvil;
    const head = await provider.getBlockNumber();
    const blocks = Math.min(depth, head - this.firstBlock);
    if (blocks === 0) return 0;
    const pairs: [string, number][] = [];
    for (let number = head - blocks + 1; again && number <= head; number++) {
      const { transactions } = await provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
      for (const hash of transactions as string[]) {
        pairs.push([await provider.send("eth_getRawTransactionByHash", [hash]), 0]);
      }
    }
    await provider.send("anvil_reorg", [blocks, pairs]);
    return blocks;
  }

  /** What a party does next, from the ledger alone; undefined: nothing before time passes. */
  async next(party: Party): Promise<{ readonly phase: Phase; readonly call: Call } | undefined> {
    return party.role === "solver" ? await this.solve(party) : await this.verify(party);
  }

  private get calls() {
    return assayCalls(this.chain.deployment.assay);
  }

  private async solve({ address, trace }: Party) {
    const { ledger, chain } = this;
    const { chainId, assay } = chain.deployment;
    const fields = await fieldsOf(trace);
    const salt = hashText(address);
    const claimId = claimIdOf(chainId, assay, referenceOf(address, salt, fields));
    const claim = ledger.history.claims.get(claimId);
    const commitment = ledger.history.commitments.get(commitmentKey(address, claimId));
    const make = (phase: Phase, call: Call) => ({ phase, call });
    if (claim === undefined && commitment === undefined) {
      return make("commit", this.calls.commit(claimId, chain.parameters.solverBond));
    }
    if (claim === undefined) {
      if (ledger.now < commitment!.committedAt + chain.parameters.minCommitAgeSeconds) return undefined;
      return make("reveal", this.calls.reveal(fields, salt, trace.startProof, trace.resultProof));
    }
    for (const { id, status } of ledger.history.challengesTo(claimId)) {
      if (status !== "open" || claim.status !== "open") continue;
      const move = await solverMove(ledger.disputeView(id), trace);
      if (move.kind === "postRow" || move.kind === "openTick") return make("answer", callOfMove(move, assay));
    }
    const isCalm = ledger.roundOf(fields.buildId).openRoots === 1;
    if (claim.status !== "open" || !isCalm || ledger.now < ledger.finalizableFrom(claim)) return undefined;
    return make("finalize", this.calls.finalize(claim.reference, claim.details));
  }

  private async verify({ address, trace }: Party) {
    const { ledger, chain } = this;
    const { assay } = chain.deployment;
    const { history } = ledger;
    const make = (phase: Phase, call: Call) => ({ phase, call });
    const buildId = (await trace.tickRoots([0]))[0]!;
    const own = history.stakesOn(buildId, address);
    const live = own.find(({ status }) => status === "live");
    for (const claim of history.openClaims(buildId)) {
      const assessment = await assessClaim(ledger.claimView(claim), trace);
      if (assessment.verdict === "right") continue;
      const mine = history.challengesTo(claim.claimId).find(({ challenger }) => isSame(challenger, address));
      if (mine === undefined) {
        const value = live === undefined ? chain.parameters.challengerBond : 0n;
        const { reference, details } = claim;
        return make("challenge", this.calls.challenge(reference, details, assessment.start, BigInt(own.length), value));
      }
      const move = await challengerMove(ledger.disputeView(mine.id), trace);
      if (move.kind === "select") return make("select", callOfMove(move, assay));
      if (move.kind === "selectFault" || move.kind === "proveFault") return make("refute", callOfMove(move, assay));
    }
    const isSettled = history.builds.get(buildId)?.finalClaim !== undefined && history.openClaims(buildId).length === 0;
    if (live === undefined || !isSettled) return undefined;
    return make("return stake", this.calls.returnStake(buildId, live.stakeNumber));
  }

  /** What the contract says of a party's stake on a build. */
  async stakeStatus(party: Party, buildId: Root, stakeNumber: bigint): Promise<number> {
    const { status } = await this.chain.contract.stakeOf(stakeKeyOf(party.address, buildId, stakeNumber));
    return Number(status);
  }
}

async function fieldsOf(trace: LoopTrace): Promise<ClaimFields> {
  const [buildId, finalRoot] = (await trace.tickRoots([0, 2 ** log2Ticks])) as [Root, Root];
  const { root: checkpointRoot } = new CheckpointTree({
    roots: await trace.tickRoots(Array.from({ length: 2 ** log2Ticks - 1 }, (_, i) => i + 1)),
  });
  const outcome = outcomeOf(trace.resultProof);
  return { buildId, finalRoot, log2Ticks, log2CheckpointTicks: 0, checkpointRoot, locator: "somewhere", outcome };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
