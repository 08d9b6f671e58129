import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

let folder: string;
let repo: GitRepository;
let blob: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-trees-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  repo = createRepository(join(folder, String(count++)));
  blob = repo.blob("content");
});

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));

async function refusal(lines: readonly (string | Uint8Array)[], capacity?: number): Promise<unknown> {
  repo.commitTree(lines);
  return await readSource(repo.path, capacity === undefined ? {} : { capacity }).catch((error: unknown) => error);
}

describe("a commit whose tree cannot become a source", () => {
  it("is refused for a submodule", async () => {
    const error = { code: "source/submodule", details: { path: "vendor" } };
    expect(await refusal([`160000 commit ${"1".repeat(40)}\tvendor`])).toMatchObject(error);
  });

  it("is refused for a Git LFS pointer to what nobody has", async () => {
    const pointer = repo.blob(`version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`);
    const error = { code: "source/lfs-object", details: { path: "big.bin" } };
    expect(await refusal([`100644 blob ${pointer}\tbig.bin`])).toMatchObject(error);
  });

  it("is refused for a link out of the tree", async () => {
    for (const target of ["/etc/passwd", "../up", "a/../../up"]) {
      const link = repo.blob(target);
      const error = { code: "source/link-out-of-tree", details: { path: "link", target } };
      expect(await refusal([`120000 blob ${link}\tlink`])).toMatchObject(error);
    }
  });

  it("is refused for a name that is not UTF-8", async () => {
    expect(await refusal([bytes(`100644 blob ${blob}\tcaf`, 0xe9)])).toMatchObject({ code: "source/name-not-utf8" });
  });

  it("is refused for names that differ only in case", async () => {
    const lines = [`100644 blob ${blob}\tMakefile`, `100644 blob ${blob}\tmakefile`];
    const error = { code: "source/case-collision", details: { paths: ["Makefile", "makefile"] } };
    expect(await refusal(lines)).toMatchObject(error);
  });

  it("is refused for names that only git itself would refuse", async () => {
    for (const name of ["..", ".", ".git", ".GIT", "git~1"]) {
      const raw = bytes("100644 ", name, 0, ...Buffer.from(blob, "hex"));
      const tree = repo.gitWith(raw, "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
      const commit = repo.gitWith(
        `tree ${tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n`,
        ...["hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
      );
      repo.git("update-ref", "refs/heads/main", commit);
      await expect(readSource(repo.path), name).rejects.toMatchObject({ code: "source/bad-path" });
    }
  });

  it("is refused for a component or a path that is too long", async () => {
    expect(await refusal([`100644 blob ${blob}\t${"n".repeat(256)}`])).toMatchObject({ code: "source/path-too-long" });
    let tree = repo.gitWith(`100644 blob ${blob}\tfile\0`, "mktree", "-z");
    for (let i = 0; i < 20; i++) tree = repo.gitWith(`040000 tree ${tree}\t${"d".repeat(200)}\0`, "mktree", "-z");
    expect(await refusal([`040000 tree ${tree}\td`])).toMatchObject({ code: "source/path-too-long" });
  });

  it("is refused for more content than the drive holds, before it is read", async () => {
    const large = repo.blob(new Uint8Array(1_000_000));
    expect(await refusal([`100644 blob ${large}\tlarge`], 500_000)).toMatchObject({ code: "source/too-large" });
    const many = Array.from({ length: 100 }, (_, i) => `100644 blob ${large}\tlarge-${i}`);
    expect(await refusal(many, 10_000_000)).toMatchObject({ code: "source/too-large" });
  });

  it("is refused for trees that repeat themselves exponentially", async () => {
    let tree = repo.gitWith("", "mktree", "-z");
    for (let i = 0; i < 12; i++) {
      const lines = Array.from({ length: 10 }, (_, n) => `040000 tree ${tree}\t${n}\0`);
      tree = repo.gitWith(lines.join(""), "mktree", "-z");
    }
    expect(await refusal([`040000 tree ${tree}\tbomb`])).toMatchObject({ code: "source/too-many-entries" });
  });

  it("is refused for a file where a tree should be, and the other way round", async () => {
    const tree = repo.gitWith(`100644 blob ${blob}\tfile\0`, "mktree", "-z");
    const treeAsBlob = bytes("100644 a", 0, ...Buffer.from(tree, "hex"));
    const blobAsTree = bytes("40000 a", 0, ...Buffer.from(blob, "hex"));
    for (const raw of [treeAsBlob, blobAsTree]) {
      const id = repo.gitWith(raw, "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
      repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "text", id));
      await expect(readSource(repo.path)).rejects.toMatchObject({ code: "source/bad-object" });
    }
  });

  it("is refused for an unknown mode", async () => {
    const raw = bytes("110000 a", 0, ...Buffer.from(blob, "hex"));
    const id = repo.gitWith(raw, "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "text", id));
    await expect(readSource(repo.path)).rejects.toMatchObject({ code: "source/unsupported-mode" });
  });
});

describe("a commit with unusual content that can become a source", () => {
  it("has files with modes of any length, as git reads them", async () => {
    const raw = ["100644 a", "0100755 b", "100664 c", "000000100600 d"].flatMap((line) => [line, 0, blob]);
    const tree = bytes(...raw.flatMap((part) => (part === blob ? [...Buffer.from(blob, "hex")] : [part])));
    const id = repo.gitWith(tree, "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "text", id));
    const { entries } = decodeDrive((await readSource(repo.path)).drive);
    expect(entries.map(({ kind }) => kind)).toEqual(["file", "executable", "file", "file"]);
  });

  it("keeps links within the tree, also dangling ones and such by way of other links", async () => {
    const targets: Record<string, string> = {
      "a-dir": "dir",
      "b-link": "a-dir/../file",
      "c-gone": "dir/gone",
      "d-self": ".",
    };
    const lines = Object.entries(targets).map(([name, target]) => `120000 blob ${repo.blob(target)}\t${name}`);
    repo.commitTree([...lines, `100644 blob ${blob}\tfile`]);
    const { entries } = decodeDrive((await readSource(repo.path)).drive);
    for (const { path, kind, content } of entries.slice(0, 4)) {
      expect([kind, new TextDecoder().decode(content)]).toEqual(["symlink", targets[path]]);
    }
  });

  it("reads modes of old versions of git as git does", async () => {
    const raw = bytes("100664 a", 0, ...Buffer.from(blob, "hex"), "100775 b", 0, ...Buffer.from(blob, "hex"));
    const id = repo.gitWith(raw, "hash-object", "-t", "tree", "-w", "--stdin", "--literally");
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "text", id));
    const { entries } = decodeDrive((await readSource(repo.path)).drive);
    expect(entries.map(({ path, kind }) => [path, kind])).toEqual([
      ["a", "file"],
      ["b", "executable"],
    ]);
  });

  it("keeps an empty tree", async () => {
    repo.commitTree([]);
    expect(decodeDrive((await readSource(repo.path)).drive).entries).toEqual([]);
  });
});
