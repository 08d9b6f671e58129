import { configDefaults, defineConfig } from "vitest/config";

// Two projects: `unit` needs only the WebAssembly builds; `chain` (files named *.chain.test.ts) needs compiled contracts.
const shared = {
  pool: "forks",
  maxWorkers: 2,
  testTimeout: 600_000,
  hookTimeout: 600_000,
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, "test/**/*.chain.test.ts"],
          globalSetup: ["test/support/unit-setup.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "chain",
          include: ["test/**/*.chain.test.ts"],
          globalSetup: ["test/support/unit-setup.ts", "test/support/chain-setup.ts"],
          setupFiles: ["test/support/worker-setup.ts", "test/support/matchers.ts"],
        },
      },
    ],
  },
});
