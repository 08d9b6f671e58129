import type { ChallengerMove, Move, SolverMove } from "../../../src/protocol/moves.ts";
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

/** A move of the book's as a strategy's decision. */
export function decided(move: SolverMove | ChallengerMove, now: number): Decision {
  if (move.kind === "wait") return { until: move.until };
  return move.kind === "done" || move.kind === "none" ? undefined : { move, at: now };
}

/** Plays like `inner`, with its moves changed. */
function changed(
  inner: Strategy,
  name: string,
  change: (decision: { readonly move: Move; readonly at: number }, view: DisputeView) => Decision,
): Strategy {
  return {
    name,
    async next(view) {
      const decision = await inner.next(view);
      return decision !== undefined && "move" in decision ? change(decision, view) : decision;
    },
  };
}

/** Plays like `inner`, but only after thinking for `seconds`. */
export function slowed(inner: Strategy, seconds: number): Strategy {
  return changed(inner, `${inner.name}, ${seconds} s late`, (decision, { challenge: { at } }) => ({
    ...decision,
    at: Math.max(decision.at, at.since + seconds),
  }));
}

/** Plays like `inner`, but never proves a fault in the transaction of its last selection. */
export function stepwise(inner: Strategy): Strategy {
  return changed(inner, inner.name, (decision) => ({ ...decision, move: withoutFault(decision.move) }));
}

/** The same move without the fault proof that its last selection may carry. */
export function withoutFault(move: Move): Move {
  if (move.kind !== "selectFault") return move;
  const { shown, selection } = move;
  return { kind: "select", shown, selection };
}

/** Plays like `inner`, but always in the last second of its turn. */
export function lastSecond(inner: Strategy): Strategy {
  return changed(inner, `${inner.name}, in the last second`, (decision, view) => ({
    ...decision,
    at: Math.max(decision.at, turnOf(view).deadline),
  }));
}

/** Plays like `inner`, but one second too late whenever it is its turn. */
export function overrunning(inner: Strategy): Strategy {
  return changed(inner, `${inner.name}, a second too late`, (decision, view) => ({
    ...decision,
    at: Math.max(decision.at, turnOf(view).deadline + 1),
  }));
}

/** A time from a first second to another, exclusive. */
export type Interval = readonly [from: number, to: number];

/** The first second from `at` on in which the party is awake. */
export function awakeFrom(at: number, asleep: readonly Interval[]): number {
  return asleep.reduce((time, [from, to]) => (time >= from && time < to ? to : time), at);
}

/** Plays like `inner`, but does nothing while it is asleep, and sees nothing of what happens then. @param asleep in order */
export function sleeping(inner: Strategy, asleep: readonly Interval[]): Strategy {
  return changed(inner, `${inner.name} with outages`, (decision) => {
    const awake = awakeFrom(decision.at, asleep);
    return awake === decision.at ? decision : { until: awake };
  });
}

/** Plays like `inner` while `plays` holds, then never moves again. */
export function silentUnless(inner: Strategy, name: string, plays: (view: DisputeView) => boolean): Strategy {
  return { name, next: async (view) => (plays(view) ? inner.next(view) : undefined) };
}
