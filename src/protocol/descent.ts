import type { Root } from "../core/bytes.ts";
import type { Cursor } from "./node.ts";
import { childRoots } from "./row.ts";
import type { Answer } from "./views.ts";

/** The range that an answer cuts: the cursor's own, or after an opening the tick's steps. */
export function answeredRange(cursor: Cursor, answer: Answer): Pick<Cursor, "level" | "tick" | "from" | "log2Length"> {
  return answer.kind === "row" ? cursor : { level: "steps", tick: cursor.from, from: 0, log2Length: answer.log2Steps };
}

/** Where that range begins: the cursor's start, or after an opening the state that `resume` makes of it. */
export function rangeStart(cursor: Cursor, answer: Answer): Root {
  return answer.kind === "row" ? cursor.startRoot : answer.resumedRoot;
}

/** Where the cursor goes when child `child` of the answer is selected. */
export function childCursor(cursor: Cursor, answer: Answer, child: number): Cursor {
  const range = answeredRange(cursor, answer);
  const log2Length = range.log2Length - Math.log2(answer.roots.length + 1);
  return {
    claimId: cursor.claimId,
    level: range.level,
    tick: range.tick,
    from: range.from + child * 2 ** log2Length,
    log2Length,
    ...childRoots(rangeStart(cursor, answer), answer.roots, cursor.endRoot, child),
  };
}
