import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

let folder: string;
let repo: GitRepository;
let tree: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-commits-"));
  repo = createRepository(join(folder, "repository"));
  repo.write("a", "content");
  repo.commit();
  tree = repo.git("rev-parse", "HEAD^{tree}");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = (content: string) =>
  repo.gitWith(Buffer.from(content, "latin1"), "hash-object", "-t", "commit", "-w", "--stdin", "--literally");
const storeWith = (committer: string, rest = "\n\nm\n") =>
  store(`tree ${tree}\nauthor A <a@b> 1 +0000\n${committer}${rest}`);

/** The time that git itself gives what is in the commit, from the header of its archive. */
function timeInGit(commit: string): number {
  const archive = execFileSync("git", ["archive", "--format=tar", commit], { cwd: repo.path });
  // A comment with the commit's id comes first.
  const start = archive[156] === "g".charCodeAt(0) ? 1024 : 0;
  return Number.parseInt(archive.toString("latin1", start + 136, start + 147), 8);
}

/** Committer lines that git reads, whatever its version. */
const odd = [
  "committer A <a@b> 1287367363 +0000",
  "committer A <a@b> 1287367363 --700",
  "committer A <a@b> 1287367363 +051800",
  "committer A <a@b> 1287367363 UTC",
  "committer A <a@b> 1287367363",
  "committer A <a@b>  1287367363 +0000",
  "committer A <a@b>\t1287367363 +0000",
  "committer A <a@b>1287367363 +0000",
  "committer A <a@b> 1287367363+0000",
  "committer A <a@b> 0001287367363 +0000",
  "committer A <a@b> 1287367363.5 +0000",
  "committer A\rX <a@b> 1287367363 +0000",
  "committer <> 1287367363 +0000",
  "committer  <a@b> 1287367363 +0000",
  "committer A < a@b > 1287367363 +0000",
  "committer A <B <a@b> 1287367363 +0000",
  "committer A <<a@b> 1287367363 +0000",
  "committer \xe9\xff <\xe9@b> 1287367363 +0000",
  "committer A\0B <a@b> 1287367363 +0000",
  "committer A <a@b> 0 +0000",
  "committer A <a@b> -0 +0000",
  "committer A <a@b> never +0000",
  "committer A <a@b> - 5",
  "committer A <a@b> +",
  "committer A <a@b> 8589934591 +0000",
];

describe("the time of a commit", () => {
  it.each(odd)("with %j is the one that git reads", async (line) => {
    const commit = storeWith(line);
    expect((await readSource(repo.path, { revision: commit })).description.time).toBe(timeInGit(commit));
  });

  it("is that of the committer also beside signatures, encodings, and parents that are many", async () => {
    const parents = `parent ${repo.git("rev-parse", "HEAD")}\n`.repeat(3);
    const rest = "encoding ISO-8859-1\ngpgsig x\n committer B <b> 5 +0000\n\ncommitter C <c> 6 +0000\n";
    const people = "author A <a@b> 1 +0000\ncommitter A <a@b> 77 +0000\n";
    const commit = store(`tree ${tree}\n${parents}${people}${rest}`);
    expect((await readSource(repo.path, { revision: commit })).description.time).toBe(77);
    expect(timeInGit(commit)).toBe(77);
  });

  it("comes after the last address, as in git from version 2.40 on", async () => {
    const commit = storeWith("committer A <a>b> 1287367363 +0000");
    expect((await readSource(repo.path, { revision: commit })).description.time).toBe(1287367363);
  });

  it("is zero where git finds none", async () => {
    const lines = [
      "committer nobody",
      "committer A 1287367363 +0000",
      "committer A <a@b>",
      "commiter A <a> 1 +0000",
      "",
    ];
    for (const line of lines) {
      const { description } = await readSource(repo.path, { revision: storeWith(line) });
      expect(description.time, line).toBe(0);
    }
    const swapped = store(`tree ${tree}\ncommitter A <a@b> 5 +0000\nauthor A <a@b> 1 +0000\n\nm\n`);
    expect((await readSource(repo.path, { revision: swapped })).description.time).toBe(0);
  });

  it("is refused when no archive can have it", async () => {
    for (const time of ["-1", "8589934592", "99999999999999999999", "-9223372036854775808"]) {
      const revision = storeWith(`committer A <a@b> ${time} +0000`);
      await expect(readSource(repo.path, { revision }), time).rejects.toMatchObject({ code: "source/bad-time" });
    }
  });
});

describe("an object that git reads no commit from", () => {
  it("is refused", async () => {
    const people = "author A <a@b> 1 +0000\ncommitter A <a@b> 5 +0000\n\nm\n";
    for (const head of ["", ` tree ${tree}\n`, `tree  ${tree}\n`, `tree ${tree} \n`, `tree ${tree.slice(1)}\n`]) {
      const revision = store(head + people);
      await expect(readSource(repo.path, { revision }), head).rejects.toMatchObject({
        code: expect.stringMatching(/^source\/(bad-object|unknown-revision)$/),
      });
    }
  });
});
