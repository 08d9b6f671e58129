import { mkdtemp, rename, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Jobs } from "../../../src/agents/follower/jobs.ts";
import { lookAt } from "../../../src/agents/follower/look.ts";
import { RepositoryRefs } from "../../../src/agents/follower/repositoryRefs.ts";
import type { Facts } from "../../../src/agents/log.ts";
import { createRepository, type GitRepository } from "../../support/gitRepository.ts";

let folder: string;
let count = 0;
let project: GitRepository;
let url: string;
let jobs: Jobs;
let lines: (Facts & { readonly message: string })[];
let works: number;

const write = (facts: Facts, message: string) => void lines.push({ ...facts, message });
const log = { info: write, warn: write, error: write, debug: write };
const refsWith = (patches: boolean) =>
  new RepositoryRefs({ radicle: { delegates: false, private: false }, patches, log });
const look = async (patches = false, repository = url) => {
  lines = [];
  works = 0;
  const onWork = () => works++;
  const refs = refsWith(patches);
  await lookAt(repository, { refs, jobs, log, signal: new AbortController().signal, onWork });
  return lines.filter(({ message }) => message === "a commit is seen");
};
const tasksFile = (...tasks: string[]) => `version: 1\ntasks:\n${tasks.map((task) => `  ${task}\n`).join("")}`;
const write1 = (path: string, text: string) => {
  project.write(path, text);
  return project.commit();
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-look-"));
});
beforeEach(() => {
  project = createRepository(join(folder, `project-${count++}`));
  url = `git+file://${project.path}`;
  jobs = new Jobs(new DatabaseSync(":memory:"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const everything = tasksFile('all: { environment: releaseTarball, on: { branches: ["**"], tags: ["**"] } }');
const withPaths = tasksFile(
  "code: { environment: releaseTarball, on: { branches: ['**'], paths: { include: ['src/**'], exclude: ['**.md'] } } }",
  "all: { environment: releaseTarball, on: { branches: ['**'] } }",
);

describe("a look at a repository", () => {
  it("sees a forced push, a deleted branch, and a tag that is written anew", async () => {
    const first = write1(".assay/tasks.yaml", everything);
    project.git("tag", "-a", "-m", "x", "v1");
    project.git("branch", "gone");
    expect((await look()).map(({ ref, commit }) => [ref, commit])).toEqual([
      ...[
        ["refs/heads/gone", first],
        ["refs/heads/main", first],
        ["refs/tags/v1", first],
      ],
    ]);
    expect([works, jobs.count("waiting")]).toEqual([3, 1]);
    project.git("commit", "-q", "--amend", "--no-gpg-sign", "-m", "other");
    const second = project.git("rev-parse", "HEAD");
    project.git("branch", "-D", "gone");
    project.git("tag", "-f", "-a", "-m", "x", "v1");
    expect((await look()).map(({ ref, commit }) => [ref, commit])).toEqual([
      ...[
        ["refs/heads/main", second],
        ["refs/tags/v1", second],
      ],
    ]);
    expect(jobs.commitOf(url, "refs/heads/gone")).toBeUndefined();
    expect(jobs.count("waiting")).toBe(2);
    expect(await look()).toEqual([]);
    project.git("branch", "gone", first);
    expect(await look()).toMatchObject([{ ref: "refs/heads/gone", commit: first }]);
    expect([works, jobs.count("waiting")]).toEqual([1, 2]);
  });

  it("takes up only what changes touch the paths of", async () => {
    write1(".assay/tasks.yaml", withPaths);
    expect(await look()).toMatchObject([{ tasks: ["code", "all"] }]);
    write1("README.md", "text");
    expect(await look()).toMatchObject([{ tasks: ["all"], untouched: ["code"] }]);
    write1("src/a.md", "text");
    expect(await look()).toMatchObject([{ untouched: ["code"] }]);
    write1("src/a.c", "text");
    expect(await look()).toMatchObject([{ tasks: ["code", "all"] }]);
  });

  it("compares with what the ref led to before: behind a merge, a forced push, and commits in between", async () => {
    const start = write1(".assay/tasks.yaml", withPaths);
    await look();
    project.git("checkout", "-q", "-b", "side");
    write1("src/b.c", "text");
    // A branch that is new has nothing to be compared with.
    expect(await look()).toMatchObject([{ ref: "refs/heads/side", tasks: ["code", "all"] }]);
    project.git("checkout", "-q", "main");
    write1("docs", "text");
    project.git("merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "merge", "side");
    expect(await look()).toMatchObject([{ ref: "refs/heads/main", tasks: ["code", "all"] }]);
    project.git("reset", "-q", "--hard", "HEAD~1");
    expect(await look()).toMatchObject([{ ref: "refs/heads/main", tasks: ["code", "all"] }]);
    project.git("reset", "-q", "--hard", start);
    expect(await look()).toMatchObject([{ ref: "refs/heads/main", untouched: ["code"] }]);
  });

  it("runs everything where the commit before is not to be had any more, and where the tasks change", async () => {
    write1(".assay/tasks.yaml", withPaths);
    await look();
    jobs.take(url, "refs/heads/main", "12".repeat(20), []);
    expect(await look()).toMatchObject([{ tasks: ["code", "all"] }]);
    write1(".assay/tasks.yaml", `${withPaths}# changed\n`);
    expect(await look()).toMatchObject([{ tasks: ["code", "all"] }]);
  });

  it("follows what others propose only when it is asked to, for tasks that ask for it", async () => {
    const commit = write1(".assay/tasks.yaml", tasksFile("t: { environment: releaseTarball, on: { patches: true } }"));
    for (const ref of [
      "refs/pull/1/head",
      "refs/merge-requests/2/head",
      "refs/pull/1/merge",
      "refs/heads/refs/pull/3/head",
    ])
      project.git("update-ref", ref, commit);
    expect((await look()).every(({ tasks }) => (tasks as string[]).length === 0)).toBe(true);
    expect((await look(true)).map(({ ref, tasks }) => [ref, tasks])).toEqual([
      ...[
        ["refs/merge-requests/2/head", ["t"]],
        ["refs/pull/1/head", ["t"]],
      ],
    ]);
  });

  it("takes up the tip of a thousand commits that come at once, and each of a hundred branches once", async () => {
    const text = Buffer.from(everything);
    const commits = Array.from({ length: 1000 }, (_, i) => {
      const file = i === 0 ? `M 100644 inline .assay/tasks.yaml\ndata ${text.length}\n${text}\n` : "";
      return `commit refs/heads/main\nmark :${i + 1}\ncommitter C <c@example.org> ${1_650_000_000 + i} +0000\ndata 1\nx\n${file}M 100644 inline n\ndata ${String(i).length}\n${i}\n`;
    });
    const branches = Array.from({ length: 100 }, (_, i) => `reset refs/heads/b${i}\nfrom :${i + 1}\n\n`);
    project.gitWith([...commits, ...branches].join(""), "fast-import", "--quiet");
    const seen = await look();
    expect(seen).toHaveLength(101);
    expect(jobs.count("waiting")).toBe(101);
    expect(await look()).toEqual([]);
  });

  it("does not wait for a server that says nothing", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const hangs = `git+https://127.0.0.1:${(silent.address() as AddressInfo).port}/project.git`;
    try {
      const { signal } = new AbortController();
      const timeouts = { listSeconds: 0.2, fetchSeconds: 0.2 };
      const looking = lookAt(hangs, { refs: refsWith(false), jobs, log, signal, onWork: () => {}, timeouts });
      await expect(looking).rejects.toMatchObject({ code: "source/git-timeout-fault" });
    } finally {
      silent.close();
    }
  });

  it("goes on behind a commit that cannot be fetched, and sees it at the next look", async () => {
    const lost = write1(".assay/tasks.yaml", everything);
    project.git("branch", "a-lost");
    write1("README", "text");
    const object = join(project.path, ".git/objects", lost.slice(0, 2), lost.slice(2));
    await rename(object, `${object}-away`);
    await expect(look()).rejects.toThrow();
    expect(lines).toMatchObject([{ message: "a commit is seen", ref: "refs/heads/main" }]);
    await rename(`${object}-away`, object);
    expect(await look()).toMatchObject([{ ref: "refs/heads/a-lost", commit: lost }]);
  });

  it("names the parts of Radicle's files that are not run", async () => {
    write1(".radicle/ambient.yaml", "plan: [{ action: shell, shell: make }, { action: cargo_test }]\n");
    expect(await look()).toMatchObject([{ tasks: ["ambient"] }]);
    expect(lines[0]).toMatchObject({ unmapped: [expect.stringContaining("cargo_test")] });
  });
});
