import type { Command } from "commander";

/** A command before it is loaded: what the list of commands shows, and where the rest stands. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Loads the module that gives the command its arguments, options and action. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** Every command of `assay`, in the order of its help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "build",
    description: "run a build here, write its artifact, print its build id and hash; needs no chain",
    load: async () => (await import("./commands/build.ts")).defineBuild,
  },
  {
    name: "deps",
    description: "dependencies of builds: what a project's lock files pin, as a drive of which every bit is locked",
    load: async () => (await import("./commands/deps.ts")).defineDeps,
  },
  {
    name: "init",
    description: "write a first .assay/tasks.yaml by looking at the project",
    load: async () => (await import("./commands/init.ts")).defineInit,
  },
  {
    name: "run",
    description: "run the tasks that a project describes, as every agent that follows it will",
    load: async () => (await import("./commands/run.ts")).defineRun,
  },
  {
    name: "request",
    description: "publish a source's build and put a reward on it",
    load: async () => (await import("./commands/request.ts")).defineRequest,
  },
  {
    name: "result",
    description: "compute a source's build id, read its result from the chain, compare an artifact with it",
    load: async () => (await import("./commands/result.ts")).defineResult,
  },
  {
    name: "attest",
    description: "signed results: run a build and sign what it has come to, or verify what others have signed",
    load: async () => (await import("./commands/attest.ts")).defineAttest,
  },
  {
    name: "notes",
    description: "signed results as git notes, which travel with the repository by plain git",
    load: async () => (await import("./commands/notes.ts")).defineNotes,
  },
  {
    name: "check",
    description: "one answer under your own policy: may this artifact be used? from signed results and final claims",
    load: async () => (await import("./commands/check.ts")).defineCheck,
  },
  {
    name: "hook",
    description: "decide before a package manager installs: apt's hook, npm and cargo with what they are to do",
    load: async () => (await import("./commands/hook.ts")).defineHook,
  },
  {
    name: "diff",
    description: "where two results or artifacts differ: files, sections, values, and where their runs have parted",
    load: async () => (await import("./commands/diff.ts")).defineDiff,
  },
  {
    name: "claims",
    description: "list the claims on the chain and what became of them",
    load: async () => (await import("./commands/claims.ts")).defineClaims,
  },
  {
    name: "disputes",
    description: "list the challenges on the chain: where each stands and whose turn it is",
    load: async () => (await import("./commands/disputes.ts")).defineDisputes,
  },
  {
    name: "status",
    description: "how an account stands: balance, bonds, pending transactions, open duties with the seconds left",
    load: async () => (await import("./commands/status.ts")).defineStatus,
  },
  {
    name: "trace",
    description: "state root at a tick or step of a build, the code around it, and where two traces part",
    load: async () => (await import("./commands/trace.ts")).defineTrace,
  },
  {
    name: "solver",
    description: "run requested builds, claim and defend them, collect (JSON log on stdout)",
    load: async () => (await import("./commands/daemon.ts")).defineSolver,
  },
  {
    name: "verifier",
    description: "run claimed builds again and challenge wrong claims (JSON log on stdout)",
    load: async () => (await import("./commands/daemon.ts")).defineVerifier,
  },
  {
    name: "follow",
    description: "follow repositories: run the tasks of new commits, sign and publish the results (JSON log on stdout)",
    load: async () => (await import("./commands/follow.ts")).defineFollow,
  },
  {
    name: "radicle-adapter",
    description: "run, sign and publish what Radicle's CI broker asks for (its protocol on standard input and output)",
    load: async () => (await import("./commands/radicleAdapter.ts")).defineRadicleAdapter,
  },
  {
    name: "store",
    description: "the content-addressed store: give its contents to other machines",
    load: async () => (await import("./commands/store.ts")).defineStore,
  },
  {
    name: "monitor",
    description: "watch all claims without a key: forecasts, and alerts for what somebody has to look at",
    load: async () => (await import("./commands/monitor.ts")).defineMonitor,
  },
  {
    name: "explorer",
    description: "serve the web page that shows builds, claims, disputes and operators, and the index behind it",
    load: async () => (await import("./commands/explorer.ts")).defineExplorer,
  },
  {
    name: "chain",
    description:
      "run a local chain with everything deployed (without a further word), or verify contracts on any chain",
    load: async () => (await import("./commands/chain.ts")).defineChain,
  },
  {
    name: "deploy",
    description: "deploy the contracts on any chain, and write where they are",
    load: async () => (await import("./commands/deploy.ts")).defineDeploy,
  },
  {
    name: "key",
    description: "keys of accounts and of who signs results: make, show, rotate, revoke",
    load: async () => (await import("./commands/key.ts")).defineKey,
  },
  {
    name: "demo",
    description: "play a whole dispute with real parts on a local chain; exit status 0 only if every fact was checked",
    load: async () => (await import("./commands/demo.ts")).defineDemo,
  },
  {
    name: "emulator",
    description: "the RISC-V emulator by itself, for bare-metal programs",
    load: async () => (await import("./commands/emulator.ts")).defineEmulator,
  },
  {
    name: "env",
    description: "environments: Linux systems that builds run in",
    load: async () => (await import("./commands/env.ts")).defineEnv,
  },
];

/** Other names of commands. */
export const aliases: Readonly<Record<string, string>> = { guest: "env" };
