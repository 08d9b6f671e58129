/** Which page content belongs to a snapshot: the newest along the line of its parents, zeros where none of them has any. */
import type { ReadonlyPageNodes } from "../../merkle/pageNodes.ts";
import type { Snapshot } from "./snapshot.ts";

export interface PagePlan {
  /** The node of each page. */
  readonly nodes: ReadonlyPageNodes;
  /** The snapshot that holds the page's content, and where; undefined for a page of zeros. */
  source(page: number): { readonly snapshot: Snapshot; readonly position: number } | undefined;
}

/** @param zeros the nodes of the memory when all of it is zero. */
export function planOf(snapshot: Snapshot | null, zeros: ReadonlyPageNodes): PagePlan {
  /** The newest first. */
  const lineage: Snapshot[] = [];
  for (let at = snapshot; at !== null; at = at.parent) lineage.push(at);

  const nodes = zeros.copy();
  /** Places in the lineage, counted from 1; 0 where no snapshot has the page. */
  const owners = new Uint32Array(nodes.pages);
  const positions = new Uint32Array(nodes.pages);
  for (const [owner, { changes }] of lineage.entries()) {
    const changed = changes.pages;
    for (let position = 0; position < changed.length; position++) {
      const page = changed[position]!;
      if (owners[page] !== 0) continue;
      nodes.set(page, changes.nodes, position);
      owners[page] = owner + 1;
      positions[page] = position;
    }
  }
  return {
    nodes,
    source: (page) =>
      owners[page] === 0 ? undefined : { snapshot: lineage[owners[page]! - 1]!, position: positions[page]! },
  };
}
