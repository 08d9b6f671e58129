/** A claim's word against what this page has computed. */
import type { Root } from "../../../core/bytes.ts";
import { agrees } from "../../../protocol/agreement.ts";
import type { CheckpointList } from "../../../protocol/checkpoints.ts";
import type { VerifiedClaim } from "./messages.ts";

/** What a verification has come to. */
export type Verdict =
  | {
      readonly kind: "agrees";
      /** Checkpoints that were compared, and that the claim has. */
      readonly compared: number;
      readonly checkpoints: number;
      readonly ticks: number;
      readonly finalRoot: Root;
      /** The claim is right, and its list of checkpoints is not: the first that differs. */
      readonly listPartsAt?: number | undefined;
    }
  | {
      readonly kind: "parts";
      /**
       * The first checkpoint that differs, 1 being the first after the start; after the last there is the final state. Undefined where
       * the claim has no list.
       */
      readonly checkpoint: number | undefined;
      /** Of this checkpoint; where there is no list, the last. */
      readonly tick: number;
      readonly claimed: Root;
      readonly own: Root;
      readonly ownFinalRoot: Root;
    };

/** Compares roots as they are computed. */
export class Comparison {
  /** Checkpoints that have been compared. */
  compared = 0;
  /** The first one that differs. */
  private parting: { readonly checkpoint: number; readonly tick: number; readonly own: Root } | undefined;
  private next = 0;

  /** @param list as published, and found to be the claim's; undefined where it could not be had. */
  constructor(
    private readonly claim: Pick<VerifiedClaim, "finalRoot" | "log2Ticks" | "log2CheckpointTicks">,
    readonly list: CheckpointList | undefined,
  ) {}

  /** Ticks after this one have not been looked at. */
  get from(): number {
    return this.next;
  }

  /**
   * Takes in own roots, in the order of their ticks. @returns the checkpoint that is the first to differ, when it is found.
   */
  take(
    roots: readonly (readonly [number, Root])[],
  ): { readonly checkpoint: number; readonly tick: number } | undefined {
    const before = this.parting;
    for (const [tick, own] of roots) {
      this.next = Math.max(this.next, tick);
      const checkpoint = tick / 2 ** this.claim.log2CheckpointTicks;
      const told = Number.isInteger(checkpoint) ? this.list?.roots[checkpoint - 1] : undefined;
      if (told === undefined) continue;
      this.compared++;
      if (this.parting === undefined && !agrees(own, told)) this.parting = { checkpoint, tick, own };
    }
    return before === undefined ? this.parting : undefined;
  }

  /**
   * @param own the root after 2^log2Ticks ticks, halted or not: what a claim is right about or not.
   * @param startOf where the claim parts, to the checkpoint, if it is wrong.
   */
  conclude(ticks: number, own: Root): Verdict {
    const { claim, list } = this;
    const checkpoints = 2 ** (claim.log2Ticks - claim.log2CheckpointTicks) - 1;
    if (list !== undefined && ticks < 2 ** claim.log2Ticks) this.takeAfterEnd(own, checkpoints);
    const { parting } = this;
    if (agrees(own, claim.finalRoot)) {
      const listPartsAt = parting?.checkpoint;
      return { kind: "agrees", compared: this.compared, checkpoints, ticks, finalRoot: own, listPartsAt };
    }
    if (parting !== undefined) {
      const { checkpoint, tick } = parting;
      const claimed = list!.roots[checkpoint - 1]!;
      return { kind: "parts", checkpoint, tick, claimed, own: parting.own, ownFinalRoot: own };
    }
    return {
      kind: "parts",
      checkpoint: list === undefined ? undefined : checkpoints + 1,
      tick: 2 ** claim.log2Ticks,
      claimed: claim.finalRoot,
      own,
      ownFinalRoot: own,
    };
  }
  /** A state that has ended stays as it is. */
  private takeAfterEnd(own: Root, checkpoints: number): void {
    const distance = 2 ** this.claim.log2CheckpointTicks;
    for (let checkpoint = Math.floor(this.next / distance) + 1; checkpoint <= checkpoints; checkpoint++)
      this.take([[checkpoint * distance, own]]);
  }
}
