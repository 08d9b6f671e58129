import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { refsFingerprint } from "../../src/source/node/refsFingerprint.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-refs-"));
let count = 0;
let project: GitRepository;

/** As it is seen long after the last change. */
async function fingerprint(path = project.path): Promise<string | undefined> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  try {
    return await refsFingerprint(`git+file://${path}`);
  } finally {
    vi.useRealTimers();
  }
}

beforeEach(() => {
  project = createRepository(join(folder, `project-${count++}`));
  project.commit();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the fingerprint of a repository's refs", () => {
  it("stays while nothing but other files changes", async () => {
    const before = await fingerprint();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    project.write("a", "text");
    project.git("add", "a");
    expect(await fingerprint()).toBe(before);
  });

  it.each<[string, (id: string) => void]>([
    ["a commit", () => void project.commit()],
    ["a forced push back", (id) => [project.commit(), project.git("update-ref", "refs/heads/main", id)]],
    ["a new branch", () => project.git("branch", "a/b/c")],
    ["a branch that is gone", () => project.git("branch", "-D", "other")],
    ["a tag", () => project.git("tag", "v1")],
    ["a ref of a merge request", (id) => project.git("update-ref", "refs/merge-requests/1/head", id)],
    ["packing", () => project.git("pack-refs", "--all")],
    ["a change to a packed ref", () => [project.git("pack-refs", "--all"), project.git("branch", "-D", "other")]],
    [
      "a ref that is written in its place",
      (id) => writeFileSync(join(project.path, ".git/refs/heads/main"), `${id}\n`),
    ],
    ["what the configuration hides", () => project.git("config", "transfer.hideRefs", "refs/tags")],
  ])("changes with %s", async (_, change) => {
    project.git("branch", "other");
    const id = project.git("rev-parse", "HEAD");
    const before = await fingerprint();
    change(id);
    const after = await fingerprint();
    expect([before, after]).toEqual([expect.any(String), expect.any(String)]);
    expect(after).not.toBe(before);
  });

  it("changes when a ref gets other contents with the old times and length", async () => {
    const file = join(project.path, ".git/refs/heads/main");
    const before = await fingerprint();
    const { atime, mtime } = lstatSync(file);
    writeFileSync(`${file}.new`, `${"1".repeat(40)}\n`);
    renameSync(`${file}.new`, file);
    utimesSync(file, atime, mtime);
    expect(await fingerprint()).not.toBe(before);
  });

  it("is none while it may still change within a time stamp", async () => {
    expect(await refsFingerprint(`git+file://${project.path}`)).toBeUndefined();
  });

  it.each<[string, () => string | undefined]>([
    ["of a worktree", () => worktree()],
    ["with borrowed objects", () => void writeFileSync(join(project.path, ".git/objects/info/alternates"), "/x\n")],
    ["with reftables", () => void mkdirSync(join(project.path, ".git/reftable"))],
    ["with a link among its refs", () => void symlinkSync("main", join(project.path, ".git/refs/heads/link"))],
    ["that is none", () => folder],
    ["that does not exist", () => join(folder, "nothing")],
    ["with more refs than git takes long for", () => void manyBranches()],
  ])("is none for a repository %s", async (_, change) => {
    expect(await fingerprint(change())).toBeUndefined();
  });

  it("is none elsewhere than on this disk", async () => {
    expect(await refsFingerprint("git+https://example.org/project.git")).toBeUndefined();
  });

  it("is the same for many who ask at a time", async () => {
    const path = `git+file://${project.path}`;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const seen = await Promise.all(Array.from({ length: 20 }, () => refsFingerprint(path)));
    vi.useRealTimers();
    expect(seen).toEqual(Array(20).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
    expect(new Set(seen).size).toBe(1);
  });
});

function worktree(): string {
  project.git("worktree", "add", "-q", "../tree");
  return join(folder, "tree");
}

function manyBranches(): void {
  const id = project.git("rev-parse", "HEAD");
  project.gitWith(
    Array.from({ length: 1001 }, (_, i) => `create refs/heads/b${i} ${id}\n`).join(""),
    "update-ref",
    "--stdin",
  );
}
