/**
 * The stages of the test suite. Each is a project of vitest with its own set-up, and every test file is in exactly one of them:
 * `test/scripts/stages.test.ts` asks vitest.
 */
export const stageNames = ["unit", "chain", "guest", "spec"] as const;
export type StageName = (typeof stageNames)[number];

/** What each stage holds, for the usage text. */
export const stageTexts: Readonly<Record<StageName, string>> = {
  unit: "everything that needs no chain: seconds per file",
  chain: "real chains, contracts and daemons (*.chain.test.ts), and the tests in Solidity",
  guest: "builds in Linux guests, and the emulator that runs them",
  spec: "the WebAssembly test suite, the model checker and the SMT proofs",
};

const everything = "test/**/*.test.ts";
const onChain = "test/**/*.chain.test.ts";
const guests = ["test/guest/**/*.test.ts", "test/emulator/**/*.test.ts", "test/cli/{emulator,guest*}{,.chain}.test.ts"];
const specifications = ["test/spec/**/*.test.ts", "test/model/**/*.test.ts", "test/smt/**/*.test.ts"];

/** Files of a stage, as globs below the project's root. */
export interface StageFiles {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export const stageFiles: Readonly<Record<StageName, StageFiles>> = {
  unit: { include: [everything], exclude: [onChain, ...guests, ...specifications] },
  chain: { include: [onChain], exclude: [...guests, ...specifications] },
  guest: { include: guests, exclude: [] },
  spec: { include: specifications, exclude: [] },
};
