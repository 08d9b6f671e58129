import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

let folder: string;
let repo: GitRepository;
let commit: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-special-"));
  repo = createRepository(join(folder, "original"));
  repo.write("a", "content");
  commit = repo.commit();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function copy(): string {
  const to = join(folder, String(count++));
  cpSync(repo.path, to, { recursive: true });
  return to;
}
function pipeAt(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  execFileSync("mkfifo", [path]);
}
const refusal = { code: "source/special-file" };
// Far below the time for which git would wait.
const read = (path: string) => readSource(path, { timeoutSeconds: 60 });

describe("a repository with a pipe in it, for which git would wait", () => {
  const places = ["HEAD", "config", "packed-refs", "shallow", "commondir", "refs/heads/main", "refs/x/y", "logs/HEAD"];
  it.each([...places, "info/grafts", "objects/info/alternates", "objects/pack/x.idx"])(
    "as %s is refused",
    async (name) => {
      const path = copy();
      pipeAt(join(path, ".git", name));
      await expect(read(path)).rejects.toMatchObject(refusal);
    },
  );

  it("in .git's own place, behind a link, or in a bare one is refused", async () => {
    const asGit = copy();
    pipeAt(join(asGit, ".git"));
    await expect(read(asGit)).rejects.toMatchObject(refusal);
    const linked = copy();
    pipeAt(join(linked, "pipe"));
    rmSync(join(linked, ".git/HEAD"));
    symlinkSync("../pipe", join(linked, ".git/HEAD"));
    await expect(read(linked)).rejects.toMatchObject(refusal);
    const bare = join(copy(), ".git");
    pipeAt(join(bare, "packed-refs"));
    await expect(read(bare)).rejects.toMatchObject(refusal);
  });

  it("in a repository that it borrows from is refused", async () => {
    const lender = copy();
    execFileSync("git", ["worktree", "add", "--quiet", "--detach", join(folder, "tree"), commit], { cwd: lender });
    execFileSync("git", ["clone", "--quiet", "--shared", "--bare", lender, join(folder, "shared")]);
    for (const name of ["tree", "shared"]) {
      expect((await read(join(folder, name))).description).toMatchObject({ commit });
    }
    pipeAt(join(lender, ".git/objects/pack/x.pack"));
    for (const name of ["tree", "shared"]) await expect(read(join(folder, name)), name).rejects.toMatchObject(refusal);
  });
});

describe("a repository with other things in it", () => {
  it("is read: sockets of git's own helpers, folders of other programs, links to files", async () => {
    const path = copy();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(path, ".git/fsmonitor--daemon.ipc"), resolve));
    pipeAt(join(path, ".git/other/pipe"));
    rmSync(join(path, ".git/HEAD"));
    symlinkSync("refs/heads/main", join(path, ".git/HEAD"));
    expect((await read(path)).description).toMatchObject({ commit });
    await new Promise((resolve) => server.close(resolve));
  });
});
