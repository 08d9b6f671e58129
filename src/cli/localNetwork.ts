/** The chain of `assay chain` and of the tests, as Hardhat's configuration has it. */
export const localNetwork = { type: "edr-simulated", chainType: "l1", hardfork: "prague" } as const;

/** Its number: Hardhat's own default. */
export const localChainId = 31337;
