import type { Root } from "../core/bytes.ts";
import { hashWords, zeroRoot } from "./hash.ts";
import { type Cursor, nodeOf } from "./node.ts";
import { rowRoot } from "./row.ts";
import type { Answer, ChallengeId, DisputeView } from "./views.ts";

/** What the contract keeps for a node, as one hash; whoever acts on the node shows it. */
export interface Reveal {
  /** Of a row its Merkle root, of an opening `openingContent`; zero while there is no answer. */
  readonly content: Root;
  /** Zero while there is no answer. */
  readonly postedAt: number;
  /** Zero where none is kept. */
  readonly firstDemander: ChallengeId;
}

/** `keccak256(abi.encode(log2Steps, resumedRoot, rowRoot))`; a tick of one step has no row, its row root is zero. */
export function openingContent(log2Steps: number, resumedRoot: Root, roots: readonly Root[]): Root {
  return hashWords(log2Steps, resumedRoot, roots.length === 0 ? zeroRoot : rowRoot(resumedRoot, roots));
}

/** The `content` of an answer to the cursor's node. */
export function contentOf(cursor: Cursor, answer: Answer): Root {
  return answer.kind === "row"
    ? rowRoot(cursor.startRoot, answer.roots)
    : openingContent(answer.log2Steps, answer.resumedRoot, answer.roots);
}

/** The hash under which a reveal is kept; `nothing` (no demander, no answer) is kept as zero. */
export function revealHash({ content, postedAt, firstDemander }: Reveal): Root {
  if (content === zeroRoot && postedAt === 0 && firstDemander === zeroRoot) return zeroRoot;
  return hashWords(content, postedAt, firstDemander);
}

/** What the contract keeps for the node of a cursor. */
export function revealAt(view: Pick<DisputeView, "answerOf" | "firstDemanderOf">, cursor: Cursor): Reveal {
  const node = nodeOf(cursor);
  const answer = view.answerOf(node);
  return {
    content: answer === undefined ? zeroRoot : contentOf(cursor, answer),
    postedAt: answer?.postedAt ?? 0,
    firstDemander: view.firstDemanderOf(node),
  };
}

/** Whether the node's row or opening can lead to a single step: one tick, or steps that one row cuts up. */
export function isStepParent({ level, log2Length }: Cursor, log2Arity: number): boolean {
  return level === "ticks" ? log2Length === 0 : log2Length > 0 && log2Length <= log2Arity;
}
