import type { Root } from "../../src/core/bytes.ts";
import type { AgentWorld } from "../../test/support/agentWorld.ts";
import type { Interruptions } from "./interruptions.ts";
import { phasesIn } from "./phases.ts";
import { require } from "./requirement.ts";

/** Addresses of those who play. */
export interface Players {
  readonly honest: string;
  readonly wrong: string;
  readonly verifier: string;
}

const builds = 4;
/** Blocks for which everything has to stay settled: deeper than anything is replaced. */
const calmBlocks = 10;
const mostSeconds = 1800;

/** Several builds, requested one after another, each from its request until the reward is paid and the stake is back. */
export class Scenario {
  /** The builds, and the block after which each must be on the chain. */
  private readonly requested = new Map<Root, { readonly source: string; readonly block: number }>();
  private block = 0;
  private settledFrom: number | undefined;

  constructor(
    private readonly world: AgentWorld,
    private readonly players: Players,
    private readonly interruptions: Interruptions,
  ) {}

  /** @param interrupt is called at random moments. */
  async play(interrupt: () => Promise<void>): Promise<void> {
    const { world, interruptions } = this;
    const look = async () => {
      const { block } = world.ledger;
      if (block === this.block) return false;
      this.block = block;
      const underWay = phasesIn(world.ledger.history, this.players.wrong);
      if (await this.request()) return false;
      await this.endWindows();
      if (underWay.has("all settled") && this.requested.size === builds) this.settledFrom ??= block;
      else this.settledFrom = undefined;
      if (this.settledFrom !== undefined && block > this.settledFrom + calmBlocks) return true;
      const phase = interruptions.due(underWay);
      if (phase === undefined) return false;
      interruptions.note(phase);
      await interrupt();
      return false;
    };
    await world.until("everything settled", look, mostSeconds);
    await this.check();
  }

  /** Requests the next build when the one before is disputed, and again what a reorganisation has dropped. */
  private async request(): Promise<boolean> {
    const { ledger } = this.world;
    for (const [buildId, { source, block }] of this.requested) {
      const isThere = (ledger.history.builds.get(buildId)?.requests.length ?? 0) > 0;
      if (isThere || ledger.block < block) continue;
      await this.requestFrom(source);
      return true;
    }
    const { size } = this.requested;
    if (size === builds || ledger.history.challenges.size < size) return false;
    await this.requestFrom(await this.world.source(`build-${size}`));
    return true;
  }

  private async requestFrom(source: string): Promise<void> {
    const { world } = this;
    const buildId = await world.request(source);
    this.requested.set(buildId, { source, block: await world.chain.provider.getBlockNumber() });
  }

  /** Sets the clock behind the windows when nothing else is left to wait for; again, where a reorganisation has set it back. */
  private async endWindows(): Promise<void> {
    const { ledger } = this.world;
    const { claims } = ledger.history;
    if (claims.size < 2 * builds) return;
    const open = [...claims.values()].filter(({ status }) => status === "open");
    if (open.length === 0 || open.some(({ solver }) => solver === this.players.wrong)) return;
    const left = Math.max(...open.map((claim) => ledger.finalizableFrom(claim))) - ledger.now;
    if (left > 0) await this.world.skip(left);
  }

  private async check(): Promise<void> {
    const { honest, wrong, verifier } = this.players;
    const { history } = this.world.ledger;
    const claims = [...history.claims.values()];
    require("no claim is made twice", claims.length === 2 * builds && history.commitments.size === 0);
    require("no challenge is made twice", history.challenges.size === builds);
    require("no stake is paid twice", history.stakes.size === builds);
    for (const { solver, refutation, status } of claims) {
      if (solver === honest) require("a right claim is final", status === "final");
      if (solver !== wrong) continue;
      require(`a wrong claim falls by a step, not ${refutation?.cause}`, refutation?.cause === "fault");
      require("the verifier has the reward for it", refutation?.rewarded === verifier);
    }
    for (const address of Object.values(this.players)) {
      require("what is owed has been fetched", (await this.world.chain.contract.owed(address)) === 0n);
    }
  }
}
