import type { Root } from "../../../src/core/bytes.ts";
import { hashWords, zeroRoot } from "../../../src/protocol/hash.ts";
import type { Move, Select, Selection } from "../../../src/protocol/moves.ts";
import { type Reveal, revealAt } from "../../../src/protocol/reveal.ts";
import type { ChallengeId, DisputeView, Position } from "../../../src/protocol/views.ts";
import type { Call, Party } from "./calls.ts";
import type { Chance } from "./strategies.ts";
import type { TwinChain } from "./twinChain.ts";

/**
 * Sends, before each call of a game, calls that nobody sane would send: the same with one thing wrong, from another sender,
 * or another move at the same place. Most are refused, some are not; model and contracts must agree on all of them.
 */
export function chaotic(chain: TwinChain, parties: readonly Party[], chance: Chance, perCall: number): TwinChain {
  let sent = 0;
  const choose = <T>(from: readonly T[]): T => from[Math.floor(chance("choice", sent++) * from.length)]!;
  const known: { claims: Root[]; builds: Root[]; challenges: ChallengeId[] } = {
    claims: [],
    builds: [],
    challenges: [],
  };

  async function nonsense(from: Party, call: Call, at: number): Promise<readonly [Party, Call]> {
    const sender = choose([from, from, ...parties]);
    if (call.kind === "reveal") known.builds.push(call.fields.buildId);
    if (call.kind === "commit") known.claims.push(call.claimId);
    if (call.kind === "move") {
      const view = await chain.dispute(call.id, at);
      return [sender, { ...call, move: choose([spoil, spoil, replace])(call.move, view, choose) }];
    }
    const others: Call[] = [call, { kind: "withdraw" }];
    for (const claimId of known.claims) {
      others.push({ kind: "finalize", claimId }, { kind: "expireCommit", solver: choose(parties), claimId });
      others.push({ kind: "commit", claimId });
    }
    for (const buildId of known.builds) {
      others.push({ kind: "payReward", buildId });
      others.push({ kind: "request", buildId, expiry: at + choose([-1, 0, 1, 500]), amount: choose([0n, 5n]) });
    }
    if (call.kind === "challenge" && call.start.kind === "checkpoints") {
      const { start } = call;
      others.push({ ...call, start: { ...start, index: start.index + 1 } });
      others.push({ ...call, start: { ...start, startProof: [...start.startProof, zeroRoot] } });
      others.push({ ...call, start: { ...start, endRoot: hashWords(2) } });
      others.push({ ...call, start: { ...start, index: 2 ** 20 } });
    }
    if (call.kind === "reveal") {
      const { fields, startProof, endProof } = call;
      others.push({ ...call, salt: hashWords(5) });
      others.push({ ...call, fields: { ...fields, log2Ticks: fields.log2Ticks + 1 } });
      others.push({ ...call, startProof: { ...startProof, rest: hashWords(6) } });
      others.push({ ...call, endProof: endProof.subarray(1) });
    }
    return [sender, choose(others)];
  }

  return new Proxy(chain, {
    get(target, name) {
      if (name !== "send") {
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (from: Party, call: Call, at: number) => {
        let now = Math.max(at, target.now() + 1);
        for (let i = 0; i < perCall; i++) {
          const [sender, other] = await nonsense(from, call, now);
          await target.send(sender, other, now++);
        }
        return target.send(from, call, now);
      };
    },
  });
}

const noOpening = { log2Steps: 0, resumedRoot: zeroRoot };

type Choose = <T>(from: readonly T[]) => T;

/** The same move with one thing wrong. */
function spoil(move: Move, _view: DisputeView, choose: Choose): Move {
  const position = choose([spoilPosition(move.position, choose), move.position, move.position, move.position]);
  switch (move.kind) {
    case "postRow":
    case "openTick": {
      const { roots } = move;
      const others = [roots.slice(1), [...roots, zeroRoot], roots.map(() => hashWords(3)), roots];
      const spoiled = {
        ...move,
        position,
        roots: choose(others),
        firstDemander: choose([move.firstDemander, zeroRoot]),
      };
      if (spoiled.kind === "postRow") return spoiled;
      const { opening } = spoiled;
      const { log2Steps, start, end } = opening;
      const openings = [
        opening,
        { ...opening, log2Steps: log2Steps + choose([1, 30]) },
        { ...opening, start: end },
        { ...opening, end: { ...end, stackRoot: start.rest } },
      ];
      return { ...spoiled, opening: choose(openings) };
    }
    case "select":
      return spoilSelect({ ...move, position }, choose);
    case "selectFault":
      return choose<Move>([
        { ...move, position, witness: spoilWitness(move.witness, choose) },
        { ...move, position, selection: spoilSelection(move.selection, choose) },
        { kind: "select", position, selections: [move.selection], opening: undefined },
      ]);
    case "proveFault":
      return { ...move, position, witness: spoilWitness(move.witness, choose) };
    case "timeoutSolver":
    case "timeoutChallenger":
      return { ...move, position, shown: spoilReveal(move.shown, choose) };
    case "concede":
      return { ...move, position, firstDemander: hashWords(8) };
    case "closeChallenge":
      return { ...move, position };
  }
}

function spoilWitness(witness: Uint8Array, choose: Choose): Uint8Array {
  const flipped = witness.slice();
  const at = choose([...witness.keys()]);
  flipped[at] = flipped[at]! ^ 4;
  return choose([flipped, witness.subarray(1), witness.subarray(0, 100), witness]);
}

function spoilSelection(selection: Selection, choose: Choose): Selection {
  const { child, siblings, postedAt } = selection;
  return choose([
    { ...selection, child: child + 1 },
    { ...selection, child: 200 },
    { ...selection, siblings: siblings.slice(1) },
    { ...selection, siblings: [...siblings, zeroRoot] },
    { ...selection, siblings: siblings.map(() => zeroRoot) },
    { ...selection, startRoot: hashWords(9) },
    { ...selection, endRoot: hashWords(10) },
    { ...selection, postedAt: postedAt + choose([1, -1]) },
    { ...selection, postedAt: 0 },
    { ...selection, firstDemander: hashWords(11) },
  ]);
}

function spoilSelect(move: Select, choose: Choose): Select {
  const at = choose([...move.selections.keys()]);
  const selection = move.selections[at]!;
  const spoiled = spoilSelection(selection, choose);
  const selections = move.selections.map((one, i) => (i === at ? spoiled : one));
  const { opening } = move;
  const openings = [
    opening,
    { log2Steps: (opening?.log2Steps ?? 2) + 1, resumedRoot: opening?.resumedRoot ?? zeroRoot },
  ];
  return choose([
    { ...move, selections },
    { ...move, selections: [], opening: opening ?? noOpening },
    { ...move, selections: [...move.selections, selection] },
    { ...move, opening: choose(openings) },
    { ...move, opening: undefined },
  ]);
}

function spoilPosition(position: Position, choose: Choose): Position {
  const { cursor } = position;
  return choose([
    { ...position, movedAt: position.movedAt + 1 },
    { ...position, solverLeft: position.solverLeft + 1 },
    { ...position, holder: hashWords(12) },
    { ...position, cursor: { ...cursor, from: cursor.from + 1 } },
    { ...position, cursor: { ...cursor, endRoot: cursor.startRoot } },
    { ...position, cursor: { ...cursor, claimId: hashWords(13) } },
  ]);
}

function spoilReveal(shown: Reveal, choose: Choose): Reveal {
  return choose([
    { ...shown, postedAt: shown.postedAt + 1 },
    { ...shown, content: hashWords(14) },
    { ...shown, firstDemander: hashWords(15) },
    { content: zeroRoot, postedAt: 0, firstDemander: zeroRoot },
  ]);
}

/** Another move at the same place: too early, by the wrong side, or after the end. */
function replace(_move: Move, view: DisputeView, choose: Choose): Move {
  const { position } = view.challenge;
  const shown = revealAt(view, position.cursor);
  const { firstDemander } = shown;
  return choose<Move>([
    { kind: "timeoutSolver", position, shown },
    { kind: "timeoutChallenger", position, shown },
    { kind: "closeChallenge", position },
    { kind: "proveFault", position, witness: new Uint8Array(288) },
    { kind: "postRow", position, firstDemander, roots: [hashWords(16)] },
    { kind: "select", position, selections: [], opening: noOpening },
    { kind: "concede", position, firstDemander: hashWords(17) },
  ]);
}
