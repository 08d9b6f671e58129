import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RepositoryRefs } from "../../../src/agents/follower/repositoryRefs.ts";
import { createRepository, type GitRepository } from "../../support/gitRepository.ts";

let folder: string;
let project: GitRepository;
let commit: string;
const log = { info() {}, warn() {}, error() {}, debug() {} };
const settings = { environment: process.env, timeoutSeconds: 60 };
const withoutGit = { environment: { PATH: "" }, timeoutSeconds: 60 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-refs-"));
  project = createRepository(folder);
  commit = project.commit();
  // Long after the last change.
  vi.useFakeTimers({ toFake: ["Date", "performance"], now: Date.now() + 60_000 });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe("the refs of a repository on this disk", () => {
  it("are asked of git again only when its files have changed", async () => {
    const refs = new RepositoryRefs({ radicle: { delegates: false, private: false }, patches: false, log });
    const url = `git+file://${folder}`;
    const first = await refs.read(url, settings);
    expect([...first]).toEqual([["refs/heads/main", commit]]);
    expect(await refs.read(url, withoutGit)).toBe(first);

    const next = project.commit(1_660_000_000);
    await expect(refs.read(url, withoutGit)).rejects.toMatchObject({ code: "source/git-missing-fault" });
    expect([...(await refs.read(url, settings))]).toEqual([["refs/heads/main", next]]);
    expect([...(await refs.read(url, withoutGit))]).toEqual([["refs/heads/main", next]]);
  });

  it("are asked of git again after ten minutes", async () => {
    const refs = new RepositoryRefs({ radicle: { delegates: false, private: false }, patches: false, log });
    const url = `git+file://${folder}`;
    await refs.read(url, settings);
    vi.advanceTimersByTime(599_000);
    await refs.read(url, withoutGit);
    vi.advanceTimersByTime(2000);
    await expect(refs.read(url, withoutGit)).rejects.toMatchObject({ code: "source/git-missing-fault" });
  });
});
