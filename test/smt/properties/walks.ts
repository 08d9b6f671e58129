import { and, bit, constant, equal, extract, ite, keccak, type Term, variable } from "../terms/index.ts";
import { type Case, type Subject, through } from "./subject.ts";

const file = "machine/Merkle.sol";

/** From a leaf to the root of the machine's deepest tree, and less. */
const depths = through(0, 25);

/** The machine's trees: globals, stack, table, code, memory (contracts/machine/generated/Opcodes.sol). */
const treeDepths = [8, 9, 14, 20, 25];

const [hash, index] = [variable("hash", 256), variable("index", 256)];

/** The definition: bit `level` of the index tells on which side of its sibling the node of that level stands. */
function ancestor(levels: number): Term {
  return through(0, levels - 1).reduce<Term>((node, level) => {
    const sibling = variable(`siblings_${level}`, 256);
    const isRight = bit(index, level);
    return keccak([ite(isRight, sibling, node), ite(isRight, node, sibling)]);
  }, hash);
}

function walk(levels: number): Case {
  return { fixed: { siblings: levels }, ensures: (root) => equal(root!, ancestor(levels)) };
}

/** `index < 2^depth`: what `rootOf` must check. */
function isWithin(depth: number): Term {
  return equal(extract(index, 255, depth), constant(0, 256 - depth));
}

export const walks: Subject = {
  contract: "WalkProperties",
  deployment: "machine",
  properties: [
    {
      title: "a climb of 0 to 25 levels ends at the node that the bits of the index lead to",
      name: "climb",
      cases: depths.map(walk),
    },
    {
      title: "the root of a whole tree is such a climb, and an index beyond the tree reverts",
      name: "rootOf",
      mayRevertWith: [0x94666f0dn],
      cases: depths.map((depth) => ({
        fixed: { siblings: depth },
        ensures: (root) => and(equal(root!, ancestor(depth)), isWithin(depth)),
      })),
    },
    {
      title: "a root binds its leaves: no two can be proven for one place of the machine's trees",
      name: "rootBindsLeaf",
      mayRevertWith: [0x94666f0dn],
      cases: treeDepths.map((depth) => ({ fixed: { siblings: depth, otherSiblings: depth } })),
    },
  ],
  mutants: [
    {
      title: "the node is written on its sibling's side",
      breaks: "climb",
      file,
      find: "let side := shl(5, and(index, 1))",
      replace: "let side := shl(5, iszero(and(index, 1)))",
    },
    {
      title: "the index is not spent",
      breaks: "climb",
      file,
      find: "index := shr(1, index)",
      replace: "index := shr(0, index)",
    },
    {
      title: "an index one bit beyond the tree is let through",
      breaks: "rootOf",
      file,
      find: "if (index >> depth != 0)",
      replace: "if (index >> (depth + 1) != 0)",
    },
    {
      title: "only the left of two nodes is hashed",
      breaks: "rootBindsLeaf",
      file,
      find: "hash := keccak256(0, 64)\n                index",
      replace: "hash := keccak256(0, 32)\n                index",
    },
  ],
};
