import type { Move } from "../../../src/protocol/moves.ts";
import { turnOf } from "../../../src/protocol/turn.ts";
import type { DisputeView } from "../../../src/protocol/views.ts";
import type { Party } from "./calls.ts";

/**
 * What a party does about one challenge: a move at a second not before the view's (sent by another account, if `as` says
 * so), or nothing before `until`.
 */
export type Decision =
  | { readonly move: Move; readonly at: number; readonly as?: Party }
  | { readonly until: number }
  | undefined;

/** One way to play one side. It is asked again after everything that happens, and holds no state that matters. */
export interface Strategy {
  readonly name: string;
  next(view: DisputeView): Promise<Decision>;
}

/** A free choice between 0 and 1 that is always the same at the same place. */
export type Chance = (...place: readonly (string | number)[]) => number;

/** When the current turn began. */
export function turnStart(view: DisputeView): number {
  return Math.max(view.challenge.position.movedAt, turnOf(view).answer?.postedAt ?? 0);
}

/** Plays like `inner`, but only after thinking for `seconds`. */
export function slowed(inner: Strategy, seconds: number): Strategy {
  return {
    name: `${inner.name}, ${seconds} s late`,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, at: Math.max(decision.at, turnStart(view) + seconds) };
    },
  };
}

/** Plays like `inner`, but makes no move earlier than `seconds` after its cursor came where it is. */
export function asleep(inner: Strategy, seconds: number): Strategy {
  return {
    name: `${inner.name}, asleep for ${seconds} s`,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, at: Math.max(decision.at, view.challenge.position.movedAt + seconds) };
    },
  };
}

/** Plays like `inner`, but never proves a fault in the transaction of its last selection. */
export function stepwise(inner: Strategy): Strategy {
  return {
    name: inner.name,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, move: withoutFault(decision.move) };
    },
  };
}

/** The same move without the fault proof that its last selection may carry. */
export function withoutFault(move: Move): Move {
  if (move.kind !== "selectFault") return move;
  const { position, selection } = move;
  return { kind: "select", position, selections: [selection], opening: undefined };
}

/** Plays like `inner`, but always in the last second of its turn. */
export function lastSecond(inner: Strategy): Strategy {
  return {
    name: `${inner.name}, in the last second`,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, at: Math.max(decision.at, turnOf(view).deadline) };
    },
  };
}

/** Plays like `inner`, but one second too late whenever it is its turn. */
export function overrunning(inner: Strategy): Strategy {
  return {
    name: `${inner.name}, a second too late`,
    async next(view) {
      const decision = await inner.next(view);
      if (decision === undefined || !("move" in decision)) return decision;
      return { ...decision, at: Math.max(decision.at, turnOf(view).deadline + 1) };
    },
  };
}

/** Plays like `inner` while `plays` holds, then never moves again. */
export function silentUnless(inner: Strategy, name: string, plays: (view: DisputeView) => boolean): Strategy {
  return { name, next: async (view) => (plays(view) ? inner.next(view) : undefined) };
}
