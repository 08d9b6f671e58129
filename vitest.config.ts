import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/tests/longestFirst.ts";
import { type StageName, stageFiles, stageNames } from "./scripts/tests/stages.ts";

const wasm = "test/support/unit-setup.ts";
const cpu = "test/support/cpuOfFile.ts";
const contracts = {
  globalSetup: [wasm, "test/support/chain-setup.ts"],
  setupFiles: [cpu, "test/support/worker-setup.ts", "test/support/matchers.ts"],
};
const setups: Readonly<Record<StageName, { globalSetup: string[]; setupFiles: string[]; isolate?: false }>> = {
  // Their files share what they import: a quarter of the CPU time of both stages.
  unit: { globalSetup: [wasm], setupFiles: [cpu], isolate: false },
  chain: { ...contracts, isolate: false },
  guest: contracts,
  spec: contracts,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: stageNames.map((name) => ({
      test: {
        name,
        include: [...stageFiles[name].include],
        exclude: [...configDefaults.exclude, ...stageFiles[name].exclude],
        pool: "forks",
        // One more than a small machine has cores: tests with daemons wait for blocks two thirds of their time.
        maxWorkers: 3,
        testTimeout: 600_000,
        hookTimeout: 600_000,
        ...setups[name],
      },
    })),
  },
});
