import { type Subject, through } from "./subject.ts";

const file = "disputes/Ranges.sol";

/** All that there are: nothing is left to be solved. */
const cuts = through(1, 6).flatMap((log2Arity) =>
  through(1, 40).map((log2Length) => ({ fixed: { log2Arity, log2Length } })),
);

export const ranges: Subject = {
  contract: "RangeProperties",
  deployment: "protocol",
  properties: [
    {
      title: "a range of ticks holds its first tick and size, and nothing above its 96 bits",
      name: "ticksHoldTheirFields",
    },
    {
      title: "a range of steps holds its tick and size, begins at step 0, and holds nothing above its 96 bits",
      name: "stepsHoldTheirFields",
    },
    {
      title: "every challenge begins with a well-formed range: within 2^40 ticks, at a multiple of its length",
      name: "challengesBeginWellFormed",
    },
    {
      title: "opening the one tick of a well-formed range gives a well-formed range of steps that keeps the tick",
      name: "openedTicksAreWellFormed",
    },
    {
      title: "a child of a well-formed range is well-formed, lies inside it, and has its level and its tick",
      name: "childrenLieInside",
    },
    {
      title: "the children of a well-formed range follow each other without gap or overlap, from its first to its last",
      name: "childrenTileTheirRange",
    },
    {
      title: "a row takes the bits above the largest multiple of the arity, so that ceil(n / arity) rows lead to one",
      name: "rowsCutByWholeArities",
      cases: cuts,
    },
  ],
  mutants: [
    {
      title: "the first tick is put one bit too low",
      breaks: "ticksHoldTheirFields",
      variant: "first",
      file,
      find: "(firstTick << 8)",
      replace: "(firstTick << 7)",
    },
    {
      title: "the tick is put where the first step stands",
      breaks: "stepsHoldTheirFields",
      variant: "first",
      file,
      find: "(tick << 48)",
      replace: "(tick << 8)",
    },
    {
      title: "a challenge's size is put in the place of its first tick",
      breaks: "challengesBeginWellFormed",
      variant: "second",
      file,
      find: "return (LEVEL_TICKS << 88) | (firstTick << 8) | log2Size;",
      replace: "return (LEVEL_TICKS << 88) | (log2Size << 8) | firstTick;",
    },
    {
      title: "an opened tick loses its highest bit",
      breaks: "openedTicksAreWellFormed",
      variant: "second",
      file,
      find: "(tick << 48)",
      replace: "((tick & 0x7f_ffff_ffff) << 48)",
    },
    {
      title: "a child begins one child too late",
      breaks: "childrenLieInside",
      variant: "first",
      file,
      find: "(child << log2Child)",
      replace: "((child + 1) << log2Child)",
    },
    {
      title: "children are put half as many bits apart",
      breaks: "childrenTileTheirRange",
      variant: "second",
      file,
      find: "((range >> 8) + (child << log2Child))",
      replace: "((range >> 8) + (child << (log2Child / 2)))",
    },
    {
      title: "the last row takes the remaining bits instead of the first",
      breaks: "rowsCutByWholeArities",
      file: "disputes/Rows.sol",
      find: "return rest == 0 ? log2Arity : rest;",
      replace: "return log2Length < log2Arity ? log2Length : log2Arity;",
    },
  ],
};
