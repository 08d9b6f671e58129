/** What of a task is published beside its signed result: what the build is made of, what it leaves, what it has printed. */
export const publishable = ["input", "artifact", "log"] as const;
export type Publishable = (typeof publishable)[number];

/** For which commits a task is. */
export interface Triggers {
  /** Patterns of names. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  /** Whether it is for what others propose, where an agent follows that. */
  readonly patches: boolean;
  /** Patterns of the paths that matter: one that `include` has, and `exclude` has not, must have changed. All matter if it is empty. */
  readonly paths: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/** One thing to be done with a commit of a project. */
export interface Task {
  readonly name: string;
  /** A build is claimed to give an artifact; a test says by its exit code and its results whether the project is as it should be. */
  readonly kind: "build" | "test";
  /** Name or id of the environment. */
  readonly environment: string;
  /** In environments that run commands: a shell command, in the source's folder. */
  readonly run?: string | undefined;
  /** Path of the artifact that it leaves; tests need none. */
  readonly output?: string | undefined;
  /** Of tests: patterns of the files that hold its results, as JUnit XML or TAP. */
  readonly results: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly tickLimit?: number | undefined;
  readonly on: Triggers;
  readonly publish: readonly Publishable[];
  /** What bounds it besides the agent's own limits. No part of the build. */
  readonly limits: {
    readonly seconds?: number | undefined;
    /** A log that is longer is not published. */
    readonly logBytes?: number | undefined;
  };
}

/** What a task is for where its file does not say. */
export const defaultTriggers: Triggers = {
  branches: ["main", "master"],
  tags: [],
  patches: false,
  paths: { include: [], exclude: [] },
};
