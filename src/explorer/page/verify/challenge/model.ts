/** A challenge as the panel shows it: looks at the chain, has the wallet send what is to be sent, goes on after a reload. */
import { signal } from "@preact/signals";
import type { Call } from "../../../../chain/outbox/call.ts";
import type { Root } from "../../../../core/bytes.ts";
import { isAssayError } from "../../../../core/errors.ts";
import { printable } from "../../../../core/printable.ts";
import type { ExplorerSettings } from "../../../settings.ts";
import type { Verification } from "../client.ts";
import { keep, keptChallengeKey, readKept } from "../kept.ts";
import { ChallengePlayer, type Standing } from "./player.ts";
import { type ConnectedWallet, connectWallet, type FoundWallet, watchWallets } from "./wallet.ts";

/** Between two looks at the chain. */
const lookMilliseconds = 1000;

/** Of a challenge that is played in this tab; it outlives a reload. */
interface Kept {
  readonly wallet: string;
  /** What was sent last, and for which move. */
  readonly sent?: { readonly key: string; readonly hash: string } | undefined;
}

export class ChallengeModel {
  readonly wallets = signal<readonly FoundWallet[]>([]);
  readonly account = signal<string | undefined>(undefined);
  readonly standing = signal<Standing | undefined>(undefined);
  /** What the wallet is asked for, or what is on its way. */
  readonly doing = signal<string | undefined>(undefined);
  readonly problem = signal<string | undefined>(undefined);
  private player: ChallengePlayer | undefined;
  private readonly endWatch: () => void;
  private isClosed = false;
  /** A move that the wallet has refused is not asked for again by itself. */
  private refusedKey: string | undefined;

  constructor(
    private readonly chain: ExplorerSettings["chains"][number],
    private readonly claimId: Root,
    private readonly verification: Verification,
  ) {
    this.endWatch = watchWallets((wallets) => {
      this.wallets.value = wallets;
      const kept = this.kept;
      const known = wallets.find(({ id }) => id === kept?.wallet);
      if (known !== undefined && this.account.value === undefined) void this.connect(known, true);
    });
  }

  async connect(found: FoundWallet, isSilent = false): Promise<void> {
    await this.attempt(async () => {
      const wallet = await connectWallet(found, this.chain.chainId, isSilent);
      if (wallet === undefined || this.player !== undefined || this.isClosed) return;
      this.account.value = wallet.address;
      this.doing.value = "Reading the chain";
      this.player = await this.openPlayer(wallet);
      if (!isSilent) this.keep({ wallet: found.id });
      this.doing.value = undefined;
      await this.look();
    });
  }

  /** Opens the challenge that was offered. */
  async challenge(call: Call): Promise<void> {
    await this.act(`open ${this.claimId}`, call);
  }

  /** Makes the move that the wallet has refused, or fetches what is owed. */
  async act(key: string, call: Call): Promise<void> {
    this.refusedKey = undefined;
    await this.attempt(async () => await this.send(key, call));
  }

  close(): void {
    this.isClosed = true;
    this.endWatch();
    this.player?.close();
  }

  private async openPlayer(wallet: ConnectedWallet): Promise<ChallengePlayer> {
    const { rpc, chainId, assay, deploymentBlock, confirmations, logRange } = this.chain;
    const deployment = { rpc, chainId: BigInt(chainId), assay, deploymentBlock, confirmations, logRange };
    const list = await this.verification.list();
    return await ChallengePlayer.open(deployment, this.claimId, wallet, this.verification.trace, list);
  }

  /** Looks again and again, until it is over. */
  private async look(): Promise<void> {
    while (!this.isClosed) {
      await this.attempt(async () => {
        const standing = await this.player!.look();
        this.standing.value = standing;
        if (standing.kind !== "open" || standing.move === undefined) return;
        const { key, call } = standing.move;
        if (key !== this.refusedKey) await this.send(key, call);
      });
      const { kind } = this.standing.value ?? {};
      const isOver =
        kind === "lost" || (this.standing.value?.kind === "refuted" && this.standing.value.fetch === undefined);
      if (isOver) keep(keptChallengeKey(this.claimId), undefined);
      if (isOver && this.kept === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, lookMilliseconds));
    }
  }

  /** Sends a call once: as long as what was sent for it is on its way, nothing else is. */
  private async send(key: string, call: Call): Promise<void> {
    const player = this.player!;
    const { sent } = this.kept ?? {};
    if (sent?.key === key && (await player.isPending(sent.hash))) return;
    this.doing.value = `Asking the wallet to ${call.action}`;
    try {
      const hash = await player.send(call);
      if (hash !== undefined) this.keep({ ...this.kept!, sent: { key, hash } });
    } catch (error) {
      this.refusedKey = key;
      throw error;
    } finally {
      this.doing.value = undefined;
    }
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      if (this.refusedKey === undefined) this.problem.value = undefined;
    } catch (error) {
      if (this.isClosed) return;
      this.doing.value = undefined;
      const text = isAssayError(error) ? error.message : String((error as Error).message ?? error);
      this.problem.value = printable(text, 400);
    }
  }

  private get kept(): Kept | undefined {
    const text = readKept(keptChallengeKey(this.claimId));
    return text === undefined ? undefined : (JSON.parse(text) as Kept);
  }

  private keep(kept: Kept): void {
    keep(keptChallengeKey(this.claimId), JSON.stringify(kept));
  }
}
