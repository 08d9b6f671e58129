import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { dirname, join } from "node:path";

const people = {
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** Runs git as nobody in particular. */
export function git(...args: readonly string[]): string {
  const env = { ...process.env, ...people, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** A bare repository with a commit that has a task, and a working tree that pushes to it. */
export function createProject(folder: string) {
  const [bare, work] = [join(folder, "project.git"), join(folder, "project")];
  git("init", "--quiet", "--bare", "--initial-branch=main", bare);
  git("init", "--quiet", "--initial-branch=main", work);
  git("-C", work, "remote", "add", "origin", bare);
  const commit = () => {
    git("-C", work, "add", "--all");
    git("-C", work, "commit", "--quiet", "--message", "A change");
    git("-C", work, "push", "--quiet", "origin", "main");
    return git("-C", work, "rev-parse", "HEAD");
  };
  /** Commits and pushes a file. @returns the commit. */
  const push = (file: string, text: string): string => {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    writeFileSync(join(work, file), text);
    return commit();
  };
  const remove = (file: string): string => {
    rmSync(join(work, file));
    return commit();
  };
  push(".assay/tasks.yaml", "version: 1\ntasks: { release: { environment: releaseTarball } }\n");
  return { bare, push, remove };
}
