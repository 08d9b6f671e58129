import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { dirname, join } from "node:path";

export interface GitRepository {
  readonly path: string;
  /** Runs git there and returns what it printed, without the line end. */
  git(...args: string[]): string;
  /** Like `git`, with bytes on its standard input. */
  gitWith(input: Uint8Array | string, ...args: string[]): string;
  /** Writes a file of the working tree. */
  write(path: string, content: string | Uint8Array, mode?: number): void;
  /** Commits everything at the given time and returns the commit's id. */
  commit(time?: number): string;
  /** Commits a tree of raw lines `mode type id TAB name`, which no working tree need be able to hold. */
  commitTree(lines: readonly (string | Uint8Array)[]): string;
  /** Stores a blob and returns its id. */
  blob(content: string | Uint8Array): string;
}

/** The environment of test gits: nobody's settings, fixed people. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"))),
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_AUTHOR_DATE: "1600000000 +0200",
  GIT_COMMITTER_NAME: "C",
  GIT_COMMITTER_EMAIL: "c@example.org",
};

/** Makes an empty repository with real git. */
export function createRepository(path: string, ...options: string[]): GitRepository {
  mkdirSync(path, { recursive: true });
  const run = (input: Uint8Array | string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    execFileSync("git", args, { cwd: path, input, env: { ...gitEnvironment, ...environment }, maxBuffer: 2 ** 28 })
      .toString("utf8")
      .trimEnd();
  run("", ["init", "--quiet", "--template=", "--initial-branch=main", ...options]);
  const repository: GitRepository = {
    path,
    git: (...args) => run("", args),
    gitWith: (input, ...args) => run(input, args),
    write(file, content, mode = 0o644) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
      chmodSync(join(path, file), mode);
    },
    commit(time = 1_650_000_000) {
      run("", ["add", "--all", "--force"]);
      const date = { GIT_COMMITTER_DATE: `${time} -0700` };
      run("", ["commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message=text"], date);
      return run("", ["rev-parse", "HEAD"]);
    },
    commitTree(lines) {
      const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from([0])]));
      const tree = run(input, ["mktree", "-z", "--missing"]);
      const commit = run("", ["commit-tree", "-m", "text", tree], { GIT_COMMITTER_DATE: "1650000000 +0000" });
      run("", ["update-ref", "refs/heads/main", commit]);
      return commit;
    },
    blob: (content) => run(content, ["hash-object", "-w", "--stdin"]),
  };
  return repository;
}
