import { type Case, type Subject, through } from "./subject.ts";

const file = "disputes/Rows.sol";

/** All rows there can be: from 2 to 64 children. */
const rowSizes = through(1, 6);

const rowsOfAllSizes: readonly Case[] = rowSizes.map((bits) => ({ fixed: { bits, interiorRoots: 2 ** bits - 1 } }));

const children: readonly Case[] = rowSizes.flatMap((bits) =>
  through(0, 2 ** bits - 1).map((child) => ({
    fixed: { bits, child, interiorRoots: 2 ** bits - 1, siblings: siblingCount(child, bits) },
  })),
);

/** The last child has one path; the two of any other child meet above the trailing ones of its number. */
function siblingCount(child: number, bits: number): number {
  if (child + 1 === 2 ** bits) return bits;
  return bits - 1 + Math.log2(~child & (child + 1));
}

export const rows: Subject = {
  contract: "RowProperties",
  deployment: "protocol",
  properties: [
    {
      title: "a row's root is that of the plain tree over the start and the interior roots, for 2 to 64 children",
      name: "rootIsThatOfThePlainTree",
      cases: rowsOfAllSizes,
    },
    {
      title: "the siblings of the plain tree lead from the start and the end of any child to the row's root",
      name: "everyChildCanBeSelected",
      cases: children,
    },
    {
      title: "no siblings lead to the row's root from other roots than those at positions child and child + 1",
      name: "childrenHaveTheRootsOfTheRow",
      cases: children,
    },
    {
      title: "a range of one has no row, whatever its start",
      name: "rangeOfOneHasNoRow",
      cases: [{ fixed: { none: 0 } }],
    },
  ],
  mutants: [
    {
      title: "the start's place in the tree is taken for the first interior root",
      breaks: "rootIsThatOfThePlainTree",
      variant: "first",
      file,
      find: "mstore(children, startRoot)",
      replace: "mstore(add(children, 0x20), startRoot)",
    },
    {
      title: "the neighbours' siblings are taken in the other order",
      breaks: "everyChildCanBeSelected",
      variant: "first",
      file,
      find: "Hashes.efficientKeccak256(wordAt(siblings, used), root);\n                    right = Hashes.efficientKeccak256(right, wordAt(siblings, used + 1));",
      replace:
        "Hashes.efficientKeccak256(wordAt(siblings, used + 1), root);\n                    right = Hashes.efficientKeccak256(right, wordAt(siblings, used));",
    },
    {
      title: "the two paths meet with left and right exchanged",
      breaks: "everyChildCanBeSelected",
      file,
      find: "root = Hashes.efficientKeccak256(root, right);",
      replace: "root = Hashes.efficientKeccak256(right, root);",
    },
    {
      title: "the end of a child is not hashed",
      breaks: "childrenHaveTheRootsOfTheRow",
      file,
      find: "bytes32 right = endRoot;",
      replace: "bytes32 right = wordAt(siblings, 0);",
    },
    {
      title: "the side of a sibling is taken from the next level",
      breaks: "childrenHaveTheRootsOfTheRow",
      file,
      find: "(child >> level) & 1 == 0\n",
      replace: "(child >> (level + 1)) & 1 == 0\n",
    },
    {
      title: "a range of one has its start as its row",
      breaks: "rangeOfOneHasNoRow",
      variant: "first",
      file,
      find: "if (bits == 0) return 0;",
      replace: "if (bits == 0) return startRoot;",
    },
  ],
};
