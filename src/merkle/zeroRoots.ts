import { type Hasher, leafBytes } from "./hasher.ts";

/** Roots of the trees of all-zero leaves: element `level` has 2^level leaves; `depth + 1` elements. */
export function zeroRoots(hasher: Hasher, depth: number): Uint8Array[] {
  const roots = [hasher.hash(new Uint8Array(leafBytes))];
  for (let level = 0; level < depth; level++) roots.push(hasher.hashPair(roots[level]!, roots[level]!));
  return roots;
}
