import { type Subject, through } from "./subject.ts";

const sizes = through(0, 40).map((log2Ticks) => ({ fixed: { log2Ticks } }));

/** The rows of deploy/parameters, for claims of all sizes. */
const deployedRows = sizes.map(({ fixed }) => ({ fixed: { ...fixed, log2Arity: 4, maxLog2Steps: 32 } }));

export const money: Subject = {
  contract: "MoneyProperties",
  deployment: "protocol",
  properties: [
    {
      title: "the paid and the burned share add up to the bond, and the burned one is its permille, rounded up",
      name: "bondsAreSplitExactly",
      theory: "integers",
    },
    {
      title: "windows are never shorter than the base, stay below 2^54 s, and grow with the ticks",
      name: "windowsGrowWithTheWork",
      theory: "integers",
      cases: sizes.slice(0, -1),
    },
    {
      title: "a window gives every tick its allowance, and less than a second more",
      name: "windowsCoverTheAllowance",
      theory: "integers",
      cases: sizes,
    },
    {
      title: "with deployed rows, rewards wait as long as any dispute and one turn more, and the wait fits 33 bits",
      name: "rewardsWaitForEveryDispute",
      theory: "integers",
      cases: deployedRows,
    },
  ],
  mutants: [
    {
      title: "the paid share is rounded up",
      breaks: "bondsAreSplitExactly",
      variant: "first",
      file: "bonds/Bonds.sol",
      find: "(bond * (1000 - burnPermille)) / 1000;",
      replace: "(bond * (1000 - burnPermille) + 999) / 1000;",
    },
    {
      title: "the burned share is rounded down for itself",
      breaks: "bondsAreSplitExactly",
      variant: "second",
      file: "bonds/Bonds.sol",
      find: "burned = bond - paid;",
      replace: "burned = (bond * burnPermille) / 1000;",
    },
    {
      title: "the ticks are counted modulo 2^32",
      breaks: "windowsGrowWithTheWork",
      variant: "first",
      file: "terms/TermRules.sol",
      find: "(uint256(1) << log2Ticks) * allowance",
      replace: "uint256(uint32(1) << log2Ticks) * allowance",
    },
    {
      title: "the work is rounded down to whole seconds",
      breaks: "windowsCoverTheAllowance",
      variant: "second",
      file: "terms/TermRules.sol",
      find: "Math.ceilDiv((uint256(1) << log2Ticks) * allowance, 1_000_000)",
      replace: "(((uint256(1) << log2Ticks) * allowance) / 1_000_000)",
    },
    {
      title: "rewards wait for disputes about half as many ticks",
      breaks: "rewardsWaitForEveryDispute",
      variant: "first",
      file: "terms/TermRules.sol",
      find: "disputeSeconds(p, MAX_LOG2_TICKS) +",
      replace: "disputeSeconds(p, MAX_LOG2_TICKS / 2) +",
    },
  ],
};
