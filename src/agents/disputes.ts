import { callOfMove } from "../chain/moves.ts";
import type { ChallengeRecord } from "../chain/records.ts";
import { challengeWord, type Range } from "../protocol/challenge.ts";
import { challengerMove } from "../protocol/challengerMove.ts";
import type { ChallengerMove, Move, SolverMove } from "../protocol/moves.ts";
import { solverMove } from "../protocol/solverMove.ts";
import type { Trace } from "../protocol/trace.ts";
import { turnOf } from "../protocol/turn.ts";
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
  const key = `${role} ${challenge.id} ${challengeWord(challenge.at)}`;
  // Working a move out can take long: not while the same is under way.
  if (!agent.canMake(key)) return false;
  const move: SolverMove | ChallengerMove =
    role === "solver" ? await solverMove(view, trace) : await challengerMove(view, trace);
  if (move.kind === "wait" || move.kind === "done") return false;
  const { side, deadline } = turnOf(view);
  const facts = { role, side, claim: challenge.claimId, challenge: challenge.id, ...rangeOf(challenge) };
  /** Of what an operator must look at: the time that is left, of either side's turn. */
  const urgent = { ...facts, deadline, secondsLeft: deadline - agent.ledger.now };
  const isStored = await agent.ledger.isStored(challenge);
  if (isStored === undefined) return false;
  if (!isStored) {
    agent.log.error(
      { ...urgent, block: agent.ledger.block, server: agent.ports.contract.server() },
      "the events of this challenge do not hash to what the contract keeps: everything is read again; use another RPC server",
    );
    agent.ledger.distrust();
    return false;
  }
  if (move.kind === "none") {
    agent.once(`no move ${challenge.id} ${move.reason}`, () =>
      agent.log.error({ ...urgent, reason: move.reason }, "no move left"),
    );
    return false;
  }
  if (withhold(move, challenge)) {
    agent.once(`withheld ${challenge.id} ${challenge.selections}`, () =>
      agent.log.warn({ ...urgent, move: move.kind }, "withheld"),
    );
    return false;
  }
  const call = callOfMove(move, agent.ports.contract.assay);
  const isAnswer = side === role;
  return agent.make({ key, call, facts: { ...facts, kind: move.kind }, ...(isAnswer && { deadline }) });
}

/** The range of a challenge in the words of the log, whose `level` is the severity of a line. */
export function rangeOf({
  at: { range },
  selections,
}: Pick<ChallengeRecord, "selections"> & { readonly at: { readonly range: Range } }) {
  const { level, tick, from, log2Length } = range;
  return { unit: level, ...(level === "steps" && { tick }), from, length: 2 ** log2Length, selections };
}
