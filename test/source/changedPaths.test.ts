import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changedPaths } from "../../src/source/node/changedPaths.ts";
import { readFiles } from "../../src/source/node/readFiles.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

let folder: string;
let project: GitRepository;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-changed-"));
  project = createRepository(join(folder, "project"));
  url = `git+file://${project.path}`;
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("the paths that two commits differ in", () => {
  it("are those of what was added, changed, made executable, turned into a folder and taken away", async () => {
    for (const path of ["same", "changed", "a/same", "a/b/changed", "mode", "gone/x", "gone/y", "turned"])
      project.write(path, path);
    const before = project.commit();
    project.write("changed", "2");
    project.write("a/b/changed", "2");
    project.write("mode", "mode", 0o755);
    project.write("new/z", "z");
    project.git("rm", "-rq", "gone", "turned");
    project.write("turned/inside", "x");
    const after = project.commit();
    const expected = ["a/b/changed", "changed", "gone/x", "gone/y", "mode", "new/z", "turned", "turned/inside"];
    expect([...(await changedPaths(url, before, after))].sort()).toEqual(expected);
    expect([...(await changedPaths(url, after, before))].sort()).toEqual(expected);
    expect(await changedPaths(url, after, after)).toEqual([]);
  });

  it("are none, if a commit differs only in what is said of it", async () => {
    const before = project.git("rev-parse", "HEAD");
    const after = project.commit();
    expect(after).not.toBe(before);
    expect(await changedPaths(url, before, after)).toEqual([]);
  });

  it("are not known if one of them is gone", async () => {
    const head = project.git("rev-parse", "HEAD");
    await expect(changedPaths(url, "12".repeat(20), head)).rejects.toMatchObject({ code: "source/unknown-revision" });
  });
});

describe("files of a source", () => {
  it("are read by their paths, from a commit and from a directory alike", async () => {
    project.write("a/b/c", "text");
    await symlink("a", join(project.path, "link"));
    project.commit();
    project.git("clone", "-q", project.path, join(folder, "copy"));
    await rm(join(folder, "copy/.git"), { recursive: true });
    const paths = ["a/b/c", "a/b", "a/nothing", "link/b/c", "link", "same"];
    for (const source of [url, project.path, join(folder, "copy")]) {
      const files = await readFiles(source, paths);
      expect([...files.keys()].sort(), source).toEqual(["a/b/c", "same"]);
      expect(new TextDecoder().decode(files.get("a/b/c"))).toBe("text");
    }
  });

  it("are those of the revision", async () => {
    const before = project.git("rev-parse", "HEAD");
    project.write("same", "other");
    project.commit();
    const text = async (revision?: string) =>
      new TextDecoder().decode((await readFiles(url, ["same"], { revision })).get("same"));
    expect([await text(before), await text()]).toEqual(["same", "other"]);
  });
});
