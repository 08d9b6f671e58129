/**
 * The most stack slots a call can come to use, over every path of calls (`README.md`, "Claimable programs"): locals,
 * operands, gaps and frame records. Indirect calls may go to every table entry of their type.
 */

/**
 * What one node of the call graph does to the stack. A node is a function, or all the functions of one type in the table:
 * the latter has no slots of its own and calls each of them at height 0.
 */
export interface StackUse {
  /** Gap, frame record and declared locals. */
  readonly frameSlots: number;
  /** Most operands at any instruction. */
  readonly maxHeight: number;
  /** By called node: most operands at a call, arguments included. */
  readonly calls: ReadonlyMap<number, number>;
}

export type StackBound =
  /** Slots from the end of the arguments on. */
  | { readonly kind: "bounded"; readonly slots: number }
  /** Nodes that call each other in this order, the last one the first. */
  | { readonly kind: "cycle"; readonly nodes: readonly number[] };

/** Walks the calls that start at `root`, without recursion, in time linear in their number. */
export function stackBound(nodes: readonly StackUse[], root: number): StackBound {
  const slots = new Map<number, number>();
  const onPath = new Set<number>([root]);
  const path: { readonly index: number; readonly pending: number[] }[] = [
    { index: root, pending: [...nodes[root]!.calls.keys()] },
  ];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.pending.pop();
    if (next === undefined) {
      slots.set(top.index, slotsOf(nodes[top.index]!, slots));
      onPath.delete(top.index);
      path.pop();
    } else if (onPath.has(next)) {
      const indices = path.map(({ index }) => index);
      return { kind: "cycle", nodes: [...indices.slice(indices.indexOf(next)), next] };
    } else if (!slots.has(next)) {
      onPath.add(next);
      path.push({ index: next, pending: [...nodes[next]!.calls.keys()] });
    }
  }
  return { kind: "bounded", slots: slots.get(root)! };
}

/** The bounds of all nodes it calls are known. */
function slotsOf({ frameSlots, maxHeight, calls }: StackUse, slots: ReadonlyMap<number, number>): number {
  let above = maxHeight;
  for (const [callee, height] of calls) above = Math.max(above, height + slots.get(callee)!);
  return frameSlots + above;
}
