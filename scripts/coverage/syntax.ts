/** A node of a syntax tree of either language. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Calls back for every node below and including this one, parents first; `false` leaves out what is below. */
export function walk(tree: unknown, typeKey: string, visit: (node: Node) => boolean | undefined): void {
  if (typeof tree !== "object" || tree === null) return;
  if (Array.isArray(tree)) {
    for (const child of tree) walk(child, typeKey, visit);
    return;
  }
  if (typeof (tree as Node)[typeKey] === "string" && visit(tree as Node) === false) return;
  for (const child of Object.values(tree)) walk(child, typeKey, visit);
}
