import { callOfMove } from "../chain/moves.ts";
import { encodePosition } from "../chain/positions.ts";
import type { ChallengeRecord } from "../chain/records.ts";
import { challengerMove } from "../protocol/challengerMove.ts";
import type { ChallengerMove, Move, SolverMove } from "../protocol/moves.ts";
import { solverMove } from "../protocol/solverMove.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Agent } from "./agent.ts";

export type Role = "solver" | "challenger";

/** Says which moves a party does not make; faults are injected here. */
export type Withhold = (move: Move, challenge: ChallengeRecord) => boolean;

/**
 * Looks at one challenge and makes the next move, if it is ours to make. The decision is the game logic's; it depends on
 * nothing but the chain and the trace, so a process that was killed just asks again.
 * @returns whether something was done.
 */
export async function playDispute(
  agent: Agent,
  role: Role,
  challenge: ChallengeRecord,
  trace: Trace,
  withhold: Withhold = () => false,
): Promise<boolean> {
  const view = agent.ledger.disputeView(challenge.id);
  const move: SolverMove | ChallengerMove =
    role === "solver" ? await solverMove(view, trace) : await challengerMove(view, trace);
  if (move.kind === "wait" || move.kind === "done") return false;
  const facts = { role, claim: challenge.claimId, challenge: challenge.id, ...rangeOf(challenge) };
  if (move.kind === "hopeless") {
    agent.once(`hopeless ${challenge.id} ${move.reason}`, () =>
      agent.log.error({ ...facts, reason: move.reason }, "no move left"),
    );
    return false;
  }
  if (withhold(move, challenge)) {
    agent.once(`withheld ${challenge.id} ${challenge.moves}`, () =>
      agent.log.warn({ ...facts, move: move.kind }, "withheld"),
    );
    return false;
  }
  const { place, startRoot, endRoot } = encodePosition(move.position);
  const key = `${challenge.id} ${move.kind} ${place} ${startRoot} ${endRoot}`;
  return await agent.make(key, callOfMove(move, challenge.id, agent.chain.deployment.assay), {
    ...facts,
    kind: move.kind,
  });
}

/** The cursor's range in the words of the log. */
export function rangeOf({ position: { cursor }, moves }: ChallengeRecord) {
  const { level, tick, from, log2Length } = cursor;
  return { level, ...(level === "steps" && { tick }), from, length: 2 ** log2Length, moves };
}
