import type { Subject } from "./subject.ts";

const file = "disputes/Clocks.sol";

export const clocks: Subject = {
  contract: "ClockProperties",
  deployment: "protocol",
  properties: [
    {
      title: "new clocks hold the time and both budgets, and nothing above their 88 bits",
      name: "startHoldsItsFields",
    },
    {
      title:
        "a move of the solver costs it the time used, never below 0, costs the challenger nothing, and sets `since`",
      name: "solverPaysForItsMove",
    },
    {
      title:
        "a move of the challenger costs it the time used, never below 0, costs the solver nothing, and sets `since`",
      name: "challengerPaysForItsMove",
    },
    {
      title: "a turn lasts what is left or minResponse, whichever is longer, and its last second fits 41 bits",
      name: "turnsLastLongEnough",
    },
    {
      title: "the time of a move in time and what it leaves are together no more than the turn had",
      name: "timelyMovesSumUp",
    },
  ],
  mutants: [
    {
      title: "the solver's budget is put one bit too high",
      breaks: "startHoldsItsFields",
      file,
      find: "(solverSeconds << 24)",
      replace: "(solverSeconds << 25)",
    },
    {
      title: "a move that used more than was left is charged modulo 2^256",
      breaks: "solverPaysForItsMove",
      variant: "first",
      file,
      find: "return used >= left ? 0 : left - used;",
      replace: "return used > left + 1 ? 0 : left - used;",
    },
    {
      title: "the challenger's move is charged to the solver",
      breaks: "challengerPaysForItsMove",
      variant: "first",
      file,
      find: "start(solverLeft(clocks), less(challengerLeft(clocks), since(clocks), time), time)",
      replace: "start(less(solverLeft(clocks), since(clocks), time), challengerLeft(clocks), time)",
    },
    {
      title: "a turn lasts the shorter of the two",
      breaks: "turnsLastLongEnough",
      variant: "first",
      file,
      find: "return a > b ? a : b;",
      replace: "return a < b ? a : b;",
    },
    {
      title: "a move gives its time back",
      breaks: "timelyMovesSumUp",
      file,
      find: "return used >= left ? 0 : left - used;",
      replace: "return used >= left ? 0 : left;",
    },
  ],
};
